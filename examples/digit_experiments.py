"""Which loss weights, which method? One trunk names, boxes, outlines a digit.

    python -m mtvision compare examples/digit_experiments.py
    python -m mtvision search examples/digit_experiments.py

The first trains eight methods of balancing and the single tasks on five
seeds, the second tries forty settings of the weights, the method and the
learning rate. The same line in a second shell shares the work; after an
interruption it goes on. Each leaves a report, `runs/NAME/report.html`.
"""

import keras
import numpy as np
from optuna.distributions import FloatDistribution

import mtvision as mtv

TARGETS = {"digit": "label", "where": ("present", "box"), "mask": "mask"}
IMAGES = {"train": 2000, "validation": 500, "test": 1000}


def load(split):
    """Opens one split of the built-in data as batches."""
    fields = ("image", "label", "present", "box", "mask")
    options = {"max_digits": 1, "empty": 0.05, "fields": fields}
    source = mtv.data.load_digit_scenes(
        split, num_images=IMAGES[split], **options
    )
    options = {"batch_size": 50, "image_size": 32, "cache": True}
    shuffle = split == "train"
    return mtv.data.Batches(source, TARGETS, shuffle=shuffle, **options)


def build(balancing=None, loss_weights=None, rate=5e-3):
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
    rates = keras.optimizers.schedules.CosineDecay(rate, epochs * len(train))
    model = mtv.MultiTaskModel(image, outputs)
    model.compile(
        keras.optimizers.Adam(rates),
        losses,
        loss_weights=loss_weights,
        metrics=metrics,
        balancing=balancing,
        jit_compile=False,
    )
    return model


def picture(model):
    """Six validation scenes, truth beside prediction."""
    images, truth, *_ = valid[0]
    images, truth = images[:6], {task: y[:6] for task, y in truth.items()}
    decoded = {
        "digit": mtv.tasks.DecodeClassification()(model.output["digit"]),
        "where": mtv.tasks.DecodeLocalization()(model.output["where"]),
        "mask": mtv.tasks.DecodeSegmentation()(model.output["mask"]),
    }
    found = keras.Model(model.input, decoded).predict(images, verbose=0)
    present, box = truth["where"][:, :1], truth["where"][:, 1:]
    true = {"label": truth["digit"], "box": np.where(present, box, -1)}
    predicted = {
        "label": found["digit"].argmax(-1),
        "score": found["digit"].max(-1),
        "box": found["where"]["box"],
    }
    return mtv.plotting.compare(
        images,
        true | {"mask": truth["mask"]},
        predicted | {"mask": found["mask"]},
        pairs_per_row=3,
    )


train, valid, test = load("train"), load("validation"), load("test")
epochs, seeds, trials = 8, 5, 40
objectives = dict.fromkeys(
    ("digit_accuracy", "where_box_iou", "mask_mean_iou"), "maximize"
)
methods = [
    mtv.balancing.UncertaintyWeighting(),
    mtv.balancing.DWA(),
    mtv.balancing.FAMO(),
    mtv.balancing.PCGrad(),
    mtv.balancing.CAGrad(),
    mtv.balancing.IMTLG(),
    mtv.balancing.UPGrad(),
    mtv.balancing.NashMTL(),
]
space = {
    "rate": FloatDistribution(1e-3, 1e-2, log=True),
    "loss_weights": mtv.experiments.LossWeights(
        ["digit", "where", "mask"], low=0.1, high=10
    ),
    "balancing": mtv.experiments.OneOf(
        {
            "sum": None,
            "FAMO": mtv.balancing.FAMO(),
            "CAGrad": mtv.experiments.Method(
                mtv.balancing.CAGrad, c=FloatDistribution(0.1, 0.9)
            ),
        }
    ),
}
# What the tasks reach alone, by the comparison: delta m is against these.
baselines = {
    "digit_accuracy": 0.179,
    "where_box_iou": 0.763,
    "mask_mean_iou": 0.801,
}
