"""Megabytes of gradients that devices sum in a step, by recipe.

    KERAS_BACKEND=torch python benchmarks/gradient_sizes.py

Results: docs/devices.md.
"""

import math

import keras

import mtvision as mtv
from mtvision import models, tasks
from mtvision.training.graph import Graph

SIZE, CLASSES, BYTES = 256, 20, 4


def three_heads(trunk):
    """Classes, boxes and a mask on one trunk."""
    image = keras.Input((SIZE, SIZE, 3))
    features = trunk(image)
    pyramid = mtv.necks.FeaturePyramid(filters=128)(features)
    outputs = {
        "scene": tasks.ClassificationHead(6)(features),
        "boxes": tasks.DetectionHead(CLASSES)(pyramid),
        "mask": tasks.SegmentationHead(21)(pyramid),
    }
    return mtv.MultiTaskModel(image, outputs)


def recipes():
    """Functions to models, by name."""
    size = {"image_size": SIZE}
    return {
        "three heads, `SmallResNet`": lambda: three_heads(
            mtv.trunks.SmallResNet()
        ),
        "three heads, `ResNet50`": lambda: three_heads(
            mtv.trunks.ResNet50(weights=None)
        ),
        "`RetinaNet`": lambda: models.RetinaNet(CLASSES, **size),
        "`CenterNet`": lambda: models.CenterNet(CLASSES, **size),
        "`FasterRCNN`": lambda: models.FasterRCNN(CLASSES, **size),
        "`MaskRCNN`": lambda: models.MaskRCNN(CLASSES, **size),
        "`KeypointRCNN`": lambda: models.KeypointRCNN(1, 17, **size),
        "`PanopticFPN`": lambda: models.PanopticFPN(
            CLASSES, CLASSES + 5, **size
        ),
        "`UNet`": lambda: models.UNet(CLASSES, **size),
    }


def megabytes(model):
    """What a plain sum sends, and what all tasks' gradients are."""
    total = _size(model.trainable_variables)
    if len(model.task_names) == 1:
        return total, None
    graph = Graph(model, model.task_names)
    shared = _size(graph.trunk_variables + graph.partly_shared_variables)
    return total, total + (len(model.task_names) - 1) * shared


def _size(variables):
    return BYTES * sum(math.prod(v.shape) for v in variables) / 1e6


def main():
    print("| model | T | sum, losses, features | parameters |")
    print("| --- | --- | --- | --- |")
    for name, build in recipes().items():
        model = build()
        total, every = megabytes(model)
        every = "-" if every is None else f"{every:.1f}"
        print(
            f"| {name} | {len(model.task_names)} | {total:.1f} | {every} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
