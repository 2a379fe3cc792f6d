"""Mask R-CNN from a COCO file, or on the built-in digits.

    python examples/train_mask_rcnn.py
    python examples/train_mask_rcnn.py --data FOLDER --size 256 --objects 20

FOLDER holds `images/` and `instances.json`, in COCO's format; of these images
an eighth is for validation. Without it, scenes of handwritten digits are made.
Prints a table of average precision and leaves a picture and the model in
`runs/mask_rcnn`. The model in five lines:

    model = mtv.models.MaskRCNN(10, image_size=64)
    train = mtv.data.Batches(source, mtv.models.region_targets(model), ...)
    model.compile("adamw", **mtv.models.mask_rcnn_losses())
    model.fit(train, epochs=10)
    detect = mtv.models.mask_rcnn_detector(model)
"""

import argparse
import pathlib

import keras

import mtvision as mtv


def open_sources(options):
    """Sources to train on and to validate, and the field of crowds."""
    if options.data is None:
        folder = options.output / "data"
        train, valid = (
            mtv.data.load_digit_scenes(
                split, num_images=number, data_dir=folder
            )
            for split, number in (
                ("train", options.images),
                ("validation", max(options.images // 8, 8)),
            )
        )
        return train, valid, ()
    coco = mtv.data.CocoInstances(
        options.data / "images", options.data / "instances.json", masks=True
    )
    parts = mtv.data.split(coco, {"train": 0.875, "valid": 0.125})
    return parts["train"], parts["valid"], ("crowd",)


def build_model(num_classes, options):
    """A small Mask R-CNN, in which boxes of the truth join while training."""
    return mtv.models.MaskRCNN(
        num_classes,
        image_size=options.size,
        trunk=mtv.trunks.SmallResNet((24, 48, 96, 128)),
        num_regions=32,
        num_proposals=options.objects,
        num_mask_regions=8,
        num_candidates=200,
        extra_levels=0,
        filters=48,
        units=128,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0, 1.41)),
        masks={"filters": 48, "depth": 2},
    )


def batches_of(source, targets, options, *, training):
    """Batches; the boxes of the truth are an input of the training only."""
    inputs = {"image": "image", "proposals": "boxes"} if training else "image"
    return mtv.data.Batches(
        source,
        targets,
        inputs=inputs,
        image_size=options.size,
        batch_size=8,
        max_objects=options.objects,
        shuffle=training,
        drop_remainder=training,
        cache=True,
    )


def main(options):
    """Runs the whole job."""
    keras.utils.set_random_seed(options.seed)
    train, valid, crowd = open_sources(options)
    names = train.classes["classes"]
    model = build_model(len(names), options)
    targets = mtv.models.region_targets(
        model, objects=("boxes", "classes", *crowd)
    )
    train = batches_of(train, targets, options, training=True)
    valid = batches_of(valid, targets, options, training=False)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-3, options.epochs * len(train)
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        **mtv.models.mask_rcnn_losses(loss_weights={"masks": 2.0}),
    )
    model.fit(train, epochs=options.epochs)
    detector = mtv.models.mask_rcnn_detector(model, max_detections=20)
    rows = [
        {"task": kind, "metric": name, "model": scores[name]}
        for kind in ("boxes", "masks")
        for scores in (
            mtv.metrics.CocoMeanAveragePrecision(
                valid, detector, task="masks", kind=kind
            ).evaluate(),
        )
        for name in ("AP", "AP50", "AP75")
    ]
    print(mtv.training.format_table(rows))
    model.save(options.output / "mask_rcnn.keras")
    batch = valid[0]
    figure = mtv.plotting.show(
        batch,
        detector.predict(batch[0], verbose=0),
        fields=targets,
        class_names=names,
        score_threshold=0.5,
    )
    figure.savefig(options.output / "predictions.png")
    print(f"All is in {options.output}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--objects", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("runs/mask_rcnn")
    )
    main(parser.parse_args())
