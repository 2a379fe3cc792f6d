"""Which method of balancing? Nine on five seeds, beside single-task models.

    python examples/compare_methods.py

One trunk names, boxes and outlines the largest digit of a scene. Prints a
table with confidence intervals, and leaves a report, `runs/methods.html`.
After an interruption the same line goes on where it was.
"""

import argparse
import functools
import pathlib

import keras

import mtvision as mtv

TARGETS = {"digit": "label", "where": ("present", "box"), "mask": "mask"}
OBJECTIVES = {
    "digit_accuracy": "maximize",
    "where_box_iou": "maximize",
    "mask_mean_iou": "maximize",
}


def load(split, number, folder):
    """Opens one split of the built-in data as batches."""
    source = mtv.data.load_digit_scenes(
        split, num_images=number, max_digits=2, data_dir=folder
    )
    shuffle = split == "train"
    return mtv.data.Batches(source, TARGETS, shuffle=shuffle, cache=True)


def build(balancing=None, *, filters, steps):
    """A compiled model of three tasks."""
    image = keras.Input((64, 64, 3), name="image")
    features = mtv.trunks.SmallResNet(filters)(image)
    maps = mtv.necks.FeaturePyramid(filters=16)(features)
    outputs = {
        "digit": mtv.tasks.ClassificationHead(10, level="P3")(maps),
        "where": mtv.tasks.LocalizationHead()(maps),
        "mask": mtv.tasks.SegmentationHead(2, filters=16)(maps),
    }
    model = mtv.MultiTaskModel(image, outputs)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(
        keras.optimizers.Adam(rate),
        loss={
            "digit": mtv.tasks.ClassificationLoss(),
            "where": mtv.tasks.LocalizationLoss(),
            "mask": mtv.tasks.SegmentationLoss(),
        },
        metrics={
            "digit": keras.metrics.SparseCategoricalAccuracy("accuracy"),
            "where": mtv.tasks.LocalizationIoU(name="box_iou"),
            "mask": mtv.metrics.MeanIoU(2),
        },
        balancing=balancing,
    )
    return model


parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--output", type=pathlib.Path, default="runs")
parser.add_argument("--tiny", action="store_true", help="takes seconds")
given = parser.parse_args()
images, epochs, seeds, filters = 1600, 8, 5, (8, 16, 24, 32)
names = "UncertaintyWeighting DWA FAMO PCGrad CAGrad NashMTL IMTLG UPGrad"
if given.tiny:
    images, epochs, seeds, filters, names = 64, 1, 2, (4, 4, 4, 4), "UPGrad"
sizes = {"train": images, "validation": images // 8, "test": images // 2}
data = [load(*size, given.output / "data") for size in sizes.items()]
options = {"filters": filters, "steps": epochs * len(data[0])}
result = mtv.experiments.compare(
    functools.partial(build, **options),
    *data,
    methods=[getattr(mtv.balancing, name)() for name in names.split()],
    objectives=OBJECTIVES,
    epochs=epochs,
    seeds=seeds,
    folder=given.output,
)
print(result)
result.report(given.output / "methods.html")
print(f"The report is {given.output / 'methods.html'}.")
