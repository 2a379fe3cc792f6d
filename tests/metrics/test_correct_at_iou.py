import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.metrics import CorrectAtIoU

TRUTH = np.array([[0, 0, 4, 4]] * 4, "float32")
# IoU of 1, 1 / 3, 0.5 and 0
FOUND = np.array(
    [[0, 0, 4, 4], [2, 0, 6, 4], [0, 0, 4, 2], [9, 9, 10, 10]], "float32"
)


def test_properties():
    found = check_metric(CorrectAtIoU, {"threshold": 0.75}, TRUTH, FOUND)
    assert found == pytest.approx(1 / 4)


def test_the_threshold_itself_is_correct():
    # 8 / (16 + 1e-7) is 0.5 in float32
    assert fed(CorrectAtIoU(threshold=0.5), (TRUTH, FOUND)) == 0.5
