"""All digits of a scene, a class for each pixel, and how many there are.

    python examples/train_detector.py

RetinaNet with two more heads on its pyramid, trained in one `fit`. The best
epoch by average precision is kept. Prints a table of results on unseen scans
and leaves a picture and the model in `runs/detector`. Nine minutes on two busy
CPU cores.
"""

import argparse
import pathlib

import keras

import mtvision as mtv

NUM_DIGITS = 10
MAX_COUNT = 4
# Which fields of a sample each task reads: stated once.
TARGETS = {
    "boxes": {"boxes": "boxes", "classes": "classes"},
    "semantic": "semantic",  # background, then the digits
    "count": "count",
}


def load(split, num_images, data_dir):
    """Opens one split of the built-in data as batches."""
    source = mtv.data.load_digit_scenes(
        split, num_images=num_images, max_digits=MAX_COUNT, data_dir=data_dir
    )
    return mtv.data.Batches(
        source,
        TARGETS,
        batch_size=16,
        max_objects=MAX_COUNT,
        shuffle=split == "train",
        num_classes={"semantic": NUM_DIGITS + 1, "count": MAX_COUNT + 1},
        cache=True,
    )


def build_model(steps):
    """RetinaNet and two more heads, compiled, and its detector."""
    model = mtv.models.RetinaNet(
        NUM_DIGITS,
        image_size=64,
        trunk=mtv.trunks.SmallResNet((24, 48, 96, 128)),
        levels=("P2", "P3", "P4"),
        extra_levels=0,
        filters=48,
        depth=2,
        norm="batch",
        heads={
            "semantic": mtv.tasks.SegmentationHead(NUM_DIGITS + 1, filters=48),
            "count": mtv.tasks.ClassificationHead(
                MAX_COUNT + 1, level="P3", pooling="attention"
            ),
        },
    )
    arguments = mtv.models.retinanet_losses(
        losses={
            "semantic": mtv.tasks.SegmentationLoss(),
            "count": mtv.tasks.ClassificationLoss(),
        },
        loss_weights={"semantic": 1.0, "count": 0.3},
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        **arguments,
        metrics={
            "semantic": mtv.metrics.MeanIoU(NUM_DIGITS + 1),
            "count": keras.metrics.SparseCategoricalAccuracy("accuracy"),
        },
    )
    return model, mtv.models.retinanet_detector(model, max_detections=10)


def measure(model, detector, train, test):
    """Rows of a table: each task on test images, beside a constant."""
    scores = mtv.metrics.CocoMeanAveragePrecision(test, detector).evaluate()
    truth = mtv.data.gather_truth(train)
    constants = {
        "semantic": mtv.tasks.constant_segmentation(
            truth["semantic"], NUM_DIGITS + 1
        ),
        "count": mtv.tasks.constant_classification(
            truth["count"], MAX_COUNT + 1
        ),
    }
    rows = mtv.training.compare_with_constants(model, test, constants)
    found = [
        {"task": "boxes", "metric": name, "model": scores[name], "constant": 0}
        for name in ("AP", "AP50", "AP75")
    ]
    return found + rows


def draw(model, detector, batches, path):
    """Draws test images, truth beside prediction."""
    images = batches[0][0]
    predicted = model.predict(images, verbose=0)
    predicted["boxes"] = detector.predict(images, verbose=0)
    figure = mtv.plotting.show(
        batches[0], predicted, fields=TARGETS, num_images=8
    )
    figure.savefig(path)


def main(options):
    """Runs the whole job."""
    keras.utils.set_random_seed(options.seed)
    folder = options.output
    train = load("train", options.images, folder / "data")
    valid = load("validation", options.images // 16, folder / "data")
    test = load("test", options.images // 8, folder / "data")
    model, detector = build_model(steps=options.epochs * len(train))
    path = folder / "detector.keras"
    callbacks = [
        mtv.metrics.CocoMeanAveragePrecision(valid, detector),
        keras.callbacks.ModelCheckpoint(
            path, monitor="val_AP", mode="max", save_best_only=True
        ),
    ]
    model.fit(train, epochs=options.epochs, callbacks=callbacks)
    best = keras.saving.load_model(path)
    detector = mtv.models.retinanet_detector(best, max_detections=10)
    rows = measure(best, detector, train, test)
    print(mtv.training.format_table(rows))
    draw(best, detector, test, folder / "predictions.png")
    print(f"All is in {folder}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("runs/detector")
    )
    main(parser.parse_args())
