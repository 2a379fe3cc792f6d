"""A phrase for each digit of a scene: dense captioning.

    python examples/train_dense_captioning.py

Makes scenes of handwritten digits whose descriptions say colour, size, place
and digit, trains Faster R-CNN with a recurrent head that writes a phrase for
each region, and describes scenes of digits that were not seen in training,
greedily and by beam search. Prints a table and leaves a picture, the model and
the descriptions of some scenes in `runs/dense_captioning`.
"""

import argparse
import pathlib

import keras

import mtvision as mtv

BEAMS = {"greedy": 1, "beam search": 3}
SCORES = ("AP", "AP_boxes", "token_accuracy", "phrase_accuracy")


def open_scenes(split, number, options):
    """Scenes with the fields that are read."""
    return mtv.data.load_digit_scenes(
        split,
        num_images=number,
        empty=0.0,
        fields=("image", "boxes", "classes", "phrases"),
        data_dir=options.output / "data",
    )


def build_model(vocabulary, options):
    """A small model, which reads the true words while it trains."""
    return mtv.models.DenseCaptioning(
        len(vocabulary),
        8,
        num_classes=10,
        num_proposals=4,
        image_size=64,
        trunk=mtv.trunks.SmallResNet((24, 48, 96, 128)),
        levels=("P2", "P3", "P4"),
        extra_levels=0,
        filters=48,
        units=192,
        num_regions=24,
        num_candidates=200,
        canonical_size=64,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
        captions={"units": 128, "embedding": 48},
    )


def batches_of(source, model, *, training):
    """Batches; boxes and phrases of the truth are inputs of the training."""
    inputs = {"image": "image", "proposals": "boxes", "phrases": "phrases"}
    return mtv.data.Batches(
        source,
        mtv.models.region_targets(model),
        inputs=inputs if training else "image",
        batch_size=16,
        max_objects=4,
        shuffle=training,
        drop_remainder=training,
        cache=True,
    )


def evaluate(model, data, names):
    """Rows of the table, and the detector that searches."""
    rows = []
    for name, beams in BEAMS.items():
        detector = mtv.models.dense_captioning_detector(
            model, beams=beams, max_detections=10
        )
        lists = mtv.metrics.collect_detections(
            data, detector, task="captions", kind="phrases", verbose=0
        )
        scores = mtv.metrics.dense_captioning_evaluate(*lists).scores
        rows.append({"phrases": name, **{key: scores[key] for key in names}})
    return rows, detector


def main(options):
    """Runs the whole job."""
    keras.utils.set_random_seed(options.seed)
    train = open_scenes("train", options.images, options)
    test = open_scenes("test", max(options.images // 8, 8), options)
    vocabulary = mtv.data.Vocabulary(train.classes["phrases"])
    model = build_model(vocabulary, options)
    train_batches = batches_of(train, model, training=True)
    test_batches = batches_of(test, model, training=False)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-3, options.epochs * len(train_batches)
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=5.0),
        **mtv.models.dense_captioning_losses(loss_weights={"captions": 2.0}),
    )
    model.fit(train_batches, epochs=options.epochs)
    rows, detector = evaluate(model, test_batches, SCORES)
    print(mtv.training.format_table(rows))
    model.save(options.output / "dense_captioning.keras")
    batch = test_batches[0]
    found = detector.predict(batch[0], verbose=0)
    mtv.plotting.show(
        batch,
        found,
        fields=test_batches.targets,
        class_names=test.classes,
        score_threshold=0.5,
    ).savefig(options.output / "predictions.png")
    shown = found["phrases"][0][found["scores"][0] > 0.5]
    print("The first scene shows", "; ".join(vocabulary.decode(shown)))
    print(f"All is in {options.output}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("runs/dense_captioning"),
    )
    main(parser.parse_args())
