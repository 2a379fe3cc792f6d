from pathlib import Path

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import BoxIoU

# torchvision's *_box_iou_loss; row 9 are two boxes without area.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "boxes.npz")
A, B = VECTORS["a"].astype("float32"), VECTORS["b"].astype("float32")


def test_properties():
    check_loss(BoxIoU, {"kind": "giou", "name": "my_loss"}, B, A)


@pytest.mark.parametrize("kind", ["giou", "diou", "ciou"])
def test_values_of_torchvision(kind):
    expected = VECTORS[f"{kind}_loss"]
    expected[9] = 1.0
    values = to_numpy(BoxIoU(kind=kind, reduction=None)(B, A))
    np.testing.assert_allclose(values, expected, atol=1e-6)
    slope = gradient(lambda p: BoxIoU(kind=kind, reduction=None)(B, p), A)
    np.testing.assert_allclose(
        slope[:6], VECTORS[f"{kind}_grad"][:6], atol=1e-6
    )


def test_mean_over_the_boxes_of_a_sample():
    loss = BoxIoU(reduction=None)
    each = to_numpy(loss(B, A)).reshape(4, 6).mean(1)
    values = to_numpy(loss(B.reshape(4, 6, 4), A.reshape(4, 6, 4)))
    np.testing.assert_allclose(values, each, rtol=1e-5)


def test_errors():
    with pytest.raises(ValueError, match="kind='l2'"):
        BoxIoU(kind="l2")
    with pytest.raises(ValueError, match="same shape"):
        BoxIoU()(A, A[:, None])
