"""The file that the help shows: it serves all commands."""

EXAMPLE = """\
# digits.py
import keras
from optuna.distributions import FloatDistribution

import mtvision as mtv


def load(split, images):
    source = mtv.data.load_digit_scenes(
        split, num_images=images, fields=("image", "label", "mask")
    )
    targets = {"digit": "label", "mask": "mask"}
    shuffle = split == "train"
    return mtv.data.Batches(source, targets, shuffle=shuffle, cache=True)


def build(learning_rate=1e-3, loss_weights=None, balancing=None):
    image = keras.Input((64, 64, 3), name="image")
    features = mtv.trunks.SmallResNet()(image)
    maps = mtv.necks.FeaturePyramid(filters=32)(features)
    outputs = {
        "digit": mtv.tasks.ClassificationHead(10, level="P3")(maps),
        "mask": mtv.tasks.SegmentationHead(2, filters=16)(maps),
    }
    model = mtv.MultiTaskModel(image, outputs)
    model.compile(
        keras.optimizers.Adam(learning_rate),
        loss={
            "digit": mtv.tasks.ClassificationLoss(),
            "mask": mtv.tasks.SegmentationLoss(),
        },
        loss_weights=loss_weights,
        metrics={
            "digit": keras.metrics.SparseCategoricalAccuracy("accuracy"),
            "mask": mtv.metrics.MeanIoU(2),
        },
        balancing=balancing,
    )
    return model


train = load("train", 2000)
valid = load("validation", 250)
test = load("test", 500)
objectives = {"digit_accuracy": "maximize", "mask_mean_iou": "maximize"}
epochs = 5

# What `search` tries:
space = {
    "learning_rate": FloatDistribution(1e-4, 1e-2, log=True),
    "loss_weights": mtv.experiments.LossWeights(
        ["digit", "mask"], low=0.1, high=10
    ),
}
trials = 20

# What `compare` trains beside the plain sum, and each task alone:
methods = [mtv.balancing.PCGrad(), mtv.balancing.UPGrad()]
seeds = 3
"""
