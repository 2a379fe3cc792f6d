"""U-Net's weights of pixels from a source to `fit`."""

import keras
import numpy as np
import pytest

from mtvision import MultiTaskModel, data
from mtvision.losses import Dice, WeightedSum
from mtvision.metrics import MeanIoU
from mtvision.tasks.segmentation import SegmentationLoss

CELLS = np.zeros((6, 8), "int32")
CELLS[1:4, 1:3], CELLS[1:4, 4:7] = 1, 2


def batches():
    rng = np.random.default_rng(0)
    sample = {
        "image": rng.integers(0, 255, (6, 8, 3), "uint8"),
        "mask": (CELLS > 0).astype("uint8"),
        "weights": data.border_weights(CELLS),
    }
    unlabelled = {"image": sample["image"], "mask": None, "weights": None}
    return data.Batches(
        [sample, unlabelled, sample],
        {"cells": {"labels": "mask", "weights": "weights"}},
        batch_size=3,
    )


@pytest.mark.parametrize(
    "loss",
    [SegmentationLoss(), WeightedSum([SegmentationLoss(), Dice(batch=True)])],
)
def test_fit_with_weights_of_pixels(loss):
    x, y, weight = batches()[0]
    image = keras.Input((6, 8, 3))
    model = MultiTaskModel(
        image,
        {
            "cells": keras.layers.Dense(2)(
                keras.layers.Rescaling(1 / 255)(image)
            )
        },
    )
    model.compile(
        keras.optimizers.SGD(0.1),
        {"cells": loss},
        metrics={"cells": MeanIoU(2)},
    )
    logits = keras.ops.convert_to_numpy(model(x)["cells"])
    one = {name: field[:1] for name, field in y["cells"].items()}
    logs = model.evaluate(batches(), verbose=0, return_dict=True)
    assert logs["loss"] == pytest.approx(float(loss(one, logits[:1])), rel=1e-4)
    metric = MeanIoU(2)
    metric.update_state(one["labels"], logits[:1])
    assert logs["cells_mean_iou"] == pytest.approx(float(metric.result()))
    history = model.fit(batches(), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    wrong = {"cells": {**y["cells"], "weights": y["cells"]["weights"][:, 1:]}}
    with pytest.raises(ValueError, match="Task 'cells'.*one weight for each"):
        model.fit(x, wrong, sample_weight=weight, verbose=0)


def test_each_pixel_counts_by_its_weight():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(1, 6, 8, 2)).astype("float32")
    labels, weights = (CELLS > 0)[None], data.border_weights(CELLS)[None]
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    picked = np.where(labels, log_p[..., 1], log_p[..., 0])
    loss = SegmentationLoss()({"labels": labels, "weights": weights}, logits)
    assert float(loss) == pytest.approx(-(weights * picked).mean(), rel=1e-5)
