"""Which method of balancing? Eight on five seeds, beside single-task models.

    python examples/compare_methods.py

One trunk names, boxes and outlines the digit of a scene. Prints a table with
confidence intervals, and leaves a report, `runs/methods.html`. After an
interruption the same line goes on where it was.
"""

import argparse
import pathlib

import keras

import mtvision as mtv

TARGETS = {"digit": "label", "where": ("present", "box"), "mask": "mask"}
OBJECTIVES = ("digit_accuracy", "where_box_iou", "mask_mean_iou")
METHODS = "UncertaintyWeighting DWA FAMO PCGrad CAGrad IMTLG UPGrad"

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--output", type=pathlib.Path, default="runs")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
images, epochs, seeds = (64, 1, 1) if given.tiny else (2000, 8, 5)


def load(split, number):
    """Opens one split of the built-in data as batches."""
    options = {"num_images": number, "max_digits": 1, "empty": 0.05}
    options |= {"fields": ("image", "label", "present", "box", "mask")}
    source = mtv.data.load_digit_scenes(
        split, data_dir=given.output / "data", **options
    )
    options = {"batch_size": 50, "image_size": 32, "cache": True}
    shuffle = split == "train"
    return mtv.data.Batches(source, TARGETS, shuffle=shuffle, **options)


def build(balancing=None):
    """A compiled model of three tasks."""
    image = keras.Input((32, 32, 3), name="image")
    features = mtv.trunks.SmallResNet((8, 16, 24, 32))(image)
    maps = mtv.necks.FeaturePyramid(filters=16)(features)
    digit = {"level": "P2", "pooling": "attention", "hidden": 64}
    outputs = {
        "digit": mtv.tasks.ClassificationHead(10, **digit)(maps),
        "where": mtv.tasks.LocalizationHead()(maps),
        "mask": mtv.tasks.SegmentationHead(2, filters=16)(maps),
    }
    losses = {
        "digit": mtv.tasks.ClassificationLoss(),
        "where": mtv.tasks.LocalizationLoss(),
        "mask": mtv.tasks.SegmentationLoss(),
    }
    metrics = {
        "digit": keras.metrics.SparseCategoricalAccuracy("accuracy"),
        "where": mtv.tasks.LocalizationIoU(name="box_iou"),
        "mask": mtv.metrics.MeanIoU(2),
    }
    rate = keras.optimizers.schedules.CosineDecay(5e-3, epochs * len(train))
    model = mtv.MultiTaskModel(image, outputs)
    options = {"metrics": metrics, "balancing": balancing, "jit_compile": False}
    model.compile(keras.optimizers.Adam(rate), losses, **options)
    return model


train = load("train", images)
valid, test = load("validation", images // 8), load("test", images // 2)
names = METHODS.split()[-1:] if given.tiny else METHODS.split()
methods = [getattr(mtv.balancing, name)() for name in names]
goals = dict.fromkeys(OBJECTIVES, "maximize")
options = {"epochs": epochs, "seeds": seeds, "folder": given.output}
result = mtv.experiments.compare(
    build, train, valid, test, methods=methods, objectives=goals, **options
)
print(result)
result.report(given.output / "methods.html")
