"""Predictions of NaN must not look like a perfect score."""

import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.losses import Dice, GeneralizedDice, Tversky, WeightedSum
from mtvision.tasks import SegmentationLoss

LOSSES = [
    Dice(reduction=None),
    Dice(jaccard=True, smooth=0, reduction=None),
    Tversky(reduction=None),
    GeneralizedDice(reduction=None),
    WeightedSum([SegmentationLoss(), Dice()], reduction=None),
]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("channels", [1, 3])
def test_nan_gives_nan_where_there_is_a_label(loss, channels):
    truth = np.zeros((3, 2, 2), "int32")
    truth[2] = -1
    logits = np.zeros((3, 2, 2, channels), "float32")
    logits[1:] = np.nan
    found = to_numpy(loss(truth, logits))
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[2] == 0
