import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.metrics import MultiLabelAccuracy

TRUTH = np.array([[1, 0, -1], [0, np.nan, 1], [1, 1, 0], [0, 0, 1]], "float32")
LOGITS = np.array([[2, 3, 4], [-1, 5, -2], [1, 1, 1], [-1, -1, 1]], "float32")


def test_properties():
    check_metric(MultiLabelAccuracy, {"threshold": 0.5}, TRUTH, LOGITS)


def test_missing_attributes_are_left_out():
    # right: 1 of 2, 1 of 2, 2 of 3, 3 of 3
    found = fed(MultiLabelAccuracy(), (TRUTH, LOGITS))
    assert found == pytest.approx(7 / 10)


def test_shapes_must_match():
    with pytest.raises(ValueError, match="same shape"):
        MultiLabelAccuracy().update_state(TRUTH, LOGITS[:, :1])
