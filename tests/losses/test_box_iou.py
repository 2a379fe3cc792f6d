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
    expected, slope = VECTORS[f"{kind}_loss"], VECTORS[f"{kind}_grad"]
    if kind == "ciou":  # 0 / 0 for boxes without area
        expected[9], slope[9] = 1, 0
    values = to_numpy(BoxIoU(kind=kind, reduction=None)(B, A))
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)
    found = gradient(lambda p: BoxIoU(kind=kind, reduction=None)(B, p), A)
    np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-6)


def test_mean_over_the_boxes_of_a_sample():
    loss = BoxIoU(reduction=None)
    each = to_numpy(loss(B, A)).reshape(4, 6).mean(1)
    values = to_numpy(loss(B.reshape(4, 6, 4), A.reshape(4, 6, 4)))
    np.testing.assert_allclose(values, each, rtol=1e-5)


@pytest.mark.parametrize("kind", ["iou", "giou", "diou", "ciou"])
def test_boxes_without_a_label_are_left_out(kind):
    loss = BoxIoU(kind=kind, reduction=None)
    truth, predicted = B.reshape(4, 6, 4).copy(), A.reshape(4, 6, 4)
    truth[0, 2:, 1] = truth[2] = np.nan
    values = to_numpy(loss(truth, predicted))
    assert values[0] == pytest.approx(
        to_numpy(loss(B[:2], A[:2])).mean(), rel=1e-5
    )
    assert values[2] == 0
    slope = gradient(lambda p: loss(truth, p), predicted)
    assert np.isfinite(slope).all()
    assert (slope[0, 2:] == 0).all()
    assert (slope[2] == 0).all()
    assert np.abs(slope[0, :2]).max() > 0
    expected = [True, True, False, True]
    assert to_numpy(loss.labelled(truth)).tolist() == expected


def test_errors():
    with pytest.raises(ValueError, match="kind='l2'"):
        BoxIoU(kind="l2")
    with pytest.raises(ValueError, match="same shape"):
        BoxIoU()(A, A[:, None])
    with pytest.raises(ValueError, match="pixels"):
        BoxIoU()(A[:, :3], A[:, :3])
