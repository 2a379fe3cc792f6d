"""Shapes that would be repeated without a word are refused."""

import numpy as np
import pytest

from mtvision.losses import Dice
from mtvision.metrics import MeanIoU
from mtvision.tasks import EdgeFMeasure, EdgesLoss, SegmentationLoss

LOSSES = [SegmentationLoss(), Dice()]
LOGITS = np.zeros((3, 2, 4, 2), "float32")
LABELS = np.zeros((3, 2, 4), "int32")


@pytest.mark.parametrize("loss", LOSSES)
def test_weights_of_samples_are_none_of_pixels(loss):
    for shape in ((3, 1, 1), (1, 2, 4), (3,)):
        truth = {"labels": LABELS, "weights": np.ones(shape, "float32")}
        with pytest.raises(ValueError, match="one weight for each label"):
            loss(truth, LOGITS)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_column_keeps_its_axis(loss):
    for more in ((), (1,)):
        truth = {
            "labels": np.zeros((3, 2, 1, 1), "int32"),
            "weights": np.ones((3, 2, 1, *more), "float32"),
        }
        logits = LOGITS[:, :, :1]
        loss.check_truth(truth, logits)
        assert float(loss(truth, logits)) > 0


@pytest.mark.parametrize("one", [*LOSSES, MeanIoU(2)])
def test_one_truth_is_not_that_of_all(one):
    with pytest.raises(ValueError, match="1 truths and 3 predictions"):
        one(LABELS[:1], LOGITS)


@pytest.mark.parametrize("one", [EdgesLoss(), EdgeFMeasure()])
def test_edges(one):
    for labels in (LABELS[:1], LABELS[:, :1, :1]):
        with pytest.raises(ValueError, match="shape"):
            one(labels, LOGITS[..., :1])
