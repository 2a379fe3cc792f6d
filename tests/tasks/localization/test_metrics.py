import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.tasks.localization import (
    LocalizationCorrect,
    LocalizationIoU,
    ObjectnessAccuracy,
)

NAN = np.nan
# IoU of 1, (absent), 1 / 3, 0.75, (no box), (unlabelled)
TRUTH = np.array(
    [
        [1, 0, 0, 4, 4, 2],
        [0, 0, 0, 4, 4, -1],
        [1, 0, 0, 4, 4, 1],
        [1, 0, 0, 4, 4, 1],
        [1, NAN, NAN, NAN, NAN, 1],
        [NAN, NAN, NAN, NAN, NAN, NAN],
    ],
    "float32",
)
OUTPUTS = np.zeros((6, 8), "float32")
OUTPUTS[:, 1:5] = [0, 0, 4, 4]
OUTPUTS[2, 1:5] = [2, 0, 6, 4]
OUTPUTS[3, 1:5] = [0, 0, 4, 3]
OUTPUTS[:, 0] = [2, -1, -1, 3, 0.3, 5]


def test_iou():
    found = check_metric(LocalizationIoU, {}, TRUTH, OUTPUTS)
    assert found == pytest.approx((1 + 1 / 3 + 0.75) / 3)


def test_correct():
    check_metric(LocalizationCorrect, {"threshold": 0.75}, TRUTH, OUTPUTS)
    found = fed(LocalizationCorrect(), (TRUTH, OUTPUTS))
    assert found == pytest.approx(2 / 3)


def test_objectness():
    check_metric(ObjectnessAccuracy, {"threshold": 0.5}, TRUTH, OUTPUTS)
    assert fed(ObjectnessAccuracy(), (TRUTH, OUTPUTS)) == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    "metric", [LocalizationIoU, LocalizationCorrect, ObjectnessAccuracy]
)
def test_several_objects_an_image(metric):
    several = fed(metric(), (TRUTH.reshape(2, 3, 6), OUTPUTS.reshape(2, 3, 8)))
    assert several == pytest.approx(fed(metric(), (TRUTH, OUTPUTS)))
