import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.losses import BoxIoU as BoxIoULoss
from mtvision.metrics import BoxIoU

TRUTH = np.array([[0, 0, 4, 4]] * 4, "float32")
# IoU of 1, 1 / 3, 0.75 and 0
FOUND = np.array(
    [[0, 0, 4, 4], [2, 0, 6, 4], [0, 0, 4, 3], [9, 9, 10, 10]], "float32"
)


def test_properties():
    found = check_metric(BoxIoU, {}, TRUTH, FOUND)
    assert found == pytest.approx((1 + 1 / 3 + 0.75) / 4)


def test_absent_objects_are_left_out():
    truth = TRUTH.copy()
    truth[1], truth[3] = np.nan, 0
    assert fed(BoxIoU(), (truth, FOUND)) == pytest.approx(1.75 / 2)


def test_several_boxes_an_image():
    truth, found = TRUTH.reshape(2, 2, 4), FOUND.reshape(2, 2, 4)
    weight = np.array([1.0, 0.0], "float32")
    assert fed(BoxIoU(), (truth, found, weight)) == pytest.approx(2 / 3)


def test_registered_beside_the_loss_of_the_same_name():
    import keras

    for cls in (BoxIoU, BoxIoULoss):
        name = keras.saving.get_registered_name(cls)
        assert keras.saving.get_registered_object(name) is cls
