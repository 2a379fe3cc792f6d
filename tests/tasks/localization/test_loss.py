import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import BoxIoU, SmoothL1
from mtvision.tasks.localization import LocalizationLoss

NAN = np.nan
# With class indices: present, absent, present without a box, present without
# a class, unlabelled.
TRUTH = np.array(
    [
        [1, 4, 4, 20, 24, 1],
        [0, 0, 0, 0, 0, -1],
        [1, NAN, NAN, NAN, NAN, 0],
        [1, 8, 2, 16, 30, -1],
        [NAN, NAN, NAN, NAN, NAN, NAN],
    ],
    "float32",
)
OUTPUTS = np.array(
    [
        [0.5, 6, 2, 22, 20, 1.0, -1.0, 0.5],
        [-0.5, 1, 2, 22, 20, 0.0, 1.0, 0.0],
        [2.0, 3, 2, 12, 20, 3.0, -1.0, 0.5],
        [-3.0, 9, 1, 17, 20, 0.0, 0.0, 0.0],
        [1.0, 9, 1, 17, 20, 0.0, 2.0, 0.0],
    ],
    "float32",
)
BOX, CLASSES = slice(1, 5), slice(5, None)


def expected(gamma=1.0, class_weight=1.0, box_loss=None):
    box_loss = box_loss or BoxIoU(kind="ciou")
    p = np.array([1, 0, 1, 1])
    logit = OUTPUTS[:4, 0]
    values = np.log1p(np.exp(np.where(p > 0, -logit, logit)))
    for row in (0, 3):
        pair = TRUTH[row, None, BOX], OUTPUTS[row, None, BOX]
        values[row] += gamma * float(box_loss(*pair))
    for row in (0, 2):
        z = OUTPUTS[row, CLASSES]
        picked = z[int(TRUTH[row, 5])] - np.log(np.exp(z).sum())
        values[row] -= class_weight * picked
    return [*values, 0.0]


def test_properties():
    arguments = {
        "gamma": 2.0,
        "box_loss": SmoothL1(beta=0.5),
        "class_weight": 0.3,
        "name": "my_loss",
    }
    values = check_loss(LocalizationLoss, arguments, TRUTH, OUTPUTS)
    np.testing.assert_allclose(
        values, expected(2.0, 0.3, SmoothL1(beta=0.5)), rtol=1e-5
    )


def test_formula():
    loss = LocalizationLoss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, OUTPUTS)), expected(), rtol=1e-5
    )


def test_one_hot_classes_are_the_same_truth():
    one_hot = np.full((5, 3), NAN, "float32")
    for row in (0, 2):
        one_hot[row] = np.eye(3)[int(TRUTH[row, 5])]
    truth = np.concatenate([TRUTH[:, :5], one_hot], axis=1)
    loss = LocalizationLoss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(truth, OUTPUTS)), expected(), rtol=1e-5
    )


def test_gradients_of_missing_parts_are_exactly_zero():
    loss = LocalizationLoss(reduction=None)
    slope = gradient(lambda p: loss(TRUTH, p), OUTPUTS)
    assert np.isfinite(slope).all()
    # An image without the object teaches objectness only.
    assert slope[1, 0] > 0
    assert (slope[1, 1:] == 0).all()
    # Without a box: objectness and class. Without a class: the box too.
    assert (slope[2, BOX] == 0).all()
    assert slope[2, 0] < 0
    assert (slope[2, CLASSES] != 0).all()
    assert (slope[3, CLASSES] == 0).all()
    assert np.abs(slope[3, BOX]).max() > 0
    assert (slope[4] == 0).all()


def test_labelled():
    loss = LocalizationLoss()
    assert to_numpy(loss.labelled(TRUTH)).tolist() == [True] * 4 + [False]
    several = TRUTH[[0, 4, 4, 4]].reshape(2, 2, 6)
    assert to_numpy(loss.labelled(several)).tolist() == [True, False]


def test_mean_over_the_labelled_objects():
    loss = LocalizationLoss(reduction=None)
    each = to_numpy(loss(TRUTH, OUTPUTS))
    several = loss(
        TRUTH[[0, 4, 1, 2]].reshape(2, 2, 6),
        OUTPUTS[[0, 4, 1, 2]].reshape(2, 2, 8),
    )
    np.testing.assert_allclose(
        to_numpy(several), [each[0], (each[1] + each[2]) / 2], rtol=1e-5
    )


@pytest.mark.parametrize("sign", [-100.0, 100.0])
def test_extreme_logits(sign):
    outputs = OUTPUTS.copy()
    outputs[:, 0], outputs[:, 5] = sign, sign
    loss = LocalizationLoss(reduction=None)
    assert np.isfinite(to_numpy(loss(TRUTH, outputs))).all()
    assert np.isfinite(gradient(lambda p: loss(TRUTH, p), outputs)).all()


def test_without_classes():
    loss = LocalizationLoss()
    slope = gradient(lambda p: loss(TRUTH[:, :5], p), OUTPUTS[:, :5])
    assert np.isfinite(slope).all()


@pytest.mark.parametrize(
    ("truth", "outputs"),
    [
        (np.zeros((5, 7)), OUTPUTS),
        (np.zeros((5, 4)), OUTPUTS),
        (TRUTH, OUTPUTS[:, :5]),
        (TRUTH[:, None], OUTPUTS),
    ],
)
def test_wrong_shapes(truth, outputs):
    with pytest.raises(ValueError, match="do not fit predictions"):
        LocalizationLoss()(truth, outputs)


def test_truths_of_too_few_columns():
    for wrong in (TRUTH[:, :4], TRUTH[:, :0]):
        with pytest.raises(ValueError, match=r"vectors \(..., 5 \+ C\)"):
            LocalizationLoss().labelled(wrong)
