"""One trunk, three tasks: name, box and outline the largest digit of a scene.

    python examples/quickstart.py

Makes the data, trains, prints a table of results on unseen scans, and leaves
a picture, TensorBoard logs and the model in `runs/quickstart`. Some five
minutes on two CPU cores.
"""

import argparse
import pathlib

import keras
import numpy as np

import mtvision as mtv

# Which fields of a sample each task reads: stated once.
TARGETS = {"digit": "label", "where": ("present", "box"), "mask": "mask"}
FIELDS = ("image", "label", "present", "box", "mask")


def load(split, num_images, data_dir):
    """Opens one split of the built-in data as batches."""
    source = mtv.data.load_digit_scenes(
        split,
        num_images=num_images,
        max_digits=2,
        fields=FIELDS,
        data_dir=data_dir,
    )
    return mtv.data.Batches(
        source,
        TARGETS,
        batch_size=32,
        shuffle=split == "train",
        num_classes={"digit": 10, "mask": 2},
        cache=True,
    )


def build_model(steps):
    """Builds and compiles a functional model: trunk, neck and three heads."""
    image = keras.Input((64, 64, 3), name="image")
    features = mtv.trunks.SmallResNet()(image)
    pyramid = mtv.necks.FeaturePyramid(filters=32)(features)
    outputs = {
        "digit": mtv.tasks.ClassificationHead(
            10, level="P3", pooling="attention", hidden=128, dropout=0.4
        )(pyramid),
        "where": mtv.tasks.LocalizationHead()(pyramid),
        "mask": mtv.tasks.SegmentationHead(2, filters=32)(pyramid),
    }
    model = mtv.MultiTaskModel(image, outputs, name="quickstart")
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01),
        loss={
            "digit": mtv.tasks.ClassificationLoss(),
            "where": mtv.tasks.LocalizationLoss(),
            "mask": mtv.tasks.SegmentationLoss(),
        },
        loss_weights={"digit": 1.0, "where": 1.0, "mask": 0.5},
        metrics={
            "digit": keras.metrics.SparseCategoricalAccuracy("accuracy"),
            "where": [
                mtv.tasks.LocalizationIoU(name="box_iou"),
                mtv.tasks.LocalizationCorrect(name="correct"),
                mtv.tasks.ObjectnessAccuracy(name="present"),
            ],
            "mask": mtv.metrics.MeanIoU(2),
        },
    )
    return model


def constant_predictions(batches):
    """Makes the best answers that do not look at the image."""
    truth = mtv.data.gather_truth(batches)
    return {
        "digit": mtv.tasks.constant_classification(truth["digit"], 10),
        "where": mtv.tasks.constant_localization(truth["where"]),
        "mask": mtv.tasks.constant_segmentation(truth["mask"], 2),
    }


def draw(model, batches, path):
    """Draws the first test images, truth beside prediction."""
    images, truth, _ = batches[0]
    images, truth = images[:16], {t: y[:16] for t, y in truth.items()}
    decoded = {
        "digit": mtv.tasks.DecodeClassification()(model.output["digit"]),
        "where": mtv.tasks.DecodeLocalization()(model.output["where"]),
        "mask": mtv.tasks.DecodeSegmentation()(model.output["mask"]),
    }
    predicted = keras.Model(model.input, decoded).predict(images, verbose=0)
    found = predicted["where"]["objectness"][:, None] > 0.5
    figure = mtv.plotting.compare(
        images,
        {
            "label": truth["digit"],
            "box": np.where(truth["where"][:, :1], truth["where"][:, 1:], -1),
            "mask": truth["mask"],
        },
        {
            "label": np.where(found[:, 0], predicted["digit"].argmax(-1), -1),
            "score": predicted["digit"].max(-1),
            "box": np.where(found, predicted["where"]["box"], -1),
            "mask": predicted["mask"],
        },
        pairs_per_row=4,
    )
    figure.savefig(path)


def save_and_load(model, batches, path):
    """Saves the model and checks that loading gives the same predictions."""
    model.save(path)
    loaded = keras.saving.load_model(path)
    images = batches[0][0]
    expected = model.predict(images, verbose=0)
    for task, output in loaded.predict(images, verbose=0).items():
        np.testing.assert_array_equal(output, expected[task])


def main(options):
    """Runs the whole job."""
    keras.utils.set_random_seed(options.seed)
    folder = options.output
    train = load("train", options.images, folder / "data")
    valid = load("validation", options.images // 16, folder / "data")
    test = load("test", options.images // 8, folder / "data")
    model = build_model(steps=options.epochs * len(train))
    model.summary()
    logs = keras.callbacks.TensorBoard(folder / "logs")
    model.fit(
        train, validation_data=valid, epochs=options.epochs, callbacks=[logs]
    )
    rows = mtv.training.compare_with_constants(
        model, test, constant_predictions(train)
    )
    print(mtv.training.format_table(rows))
    draw(model, test, folder / "predictions.png")
    save_and_load(model, test, folder / "quickstart.keras")
    print(f"The reloaded model predicts the same. All is in {folder}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("runs/quickstart")
    )
    main(parser.parse_args())
