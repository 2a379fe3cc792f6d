import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.tasks.window_detection import WindowBoxesLoss, WindowClassesLoss
from mtvision.tasks.window_detection.columns import decode, encode, join

# Of 8 windows the second fits the object, the third half, others do not.
WINDOWS = np.array(
    [[0, 0, 8, 8], [8, 0, 16, 8], [10, 0, 18, 8], [16, 0, 24, 8]]
    + [[8 * k, 8, 8 * k + 8, 16] for k in range(4)],
    "float32",
)
TRUTH = {
    "boxes": np.array(
        [[[8, 0, 15, 8], [0, 0, 0, 0]], [[0, 0, 0, 0], [0, 0, 0, 0]]],
        "float32",
    ),
    "classes": np.array([[1, -1], [-1, -1]]),
}
POSITIVE = [1]
IN_BETWEEN = [2]
CLASSES = 2


def rows(columns, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, len(WINDOWS), columns)).astype("float32")
    return to_numpy(join(values, WINDOWS))


def entropy(logits, label):
    return np.log(np.exp(logits).sum(-1)) - logits[..., label]


def test_loss_of_classes():
    arguments = {
        "high": 0.6,
        "low": 0.2,
        "negative_ratio": 2.0,
        "min_negatives": 1,
        "normalize_by": "batch",
        "name": "mine",
    }
    check_loss(WindowClassesLoss, arguments, TRUTH, rows(CLASSES + 1))
    predicted = rows(CLASSES + 1)
    logits = predicted[..., :-4].astype("float64")
    free = [k for k in range(8) if k not in POSITIVE + IN_BETWEEN]
    hard = np.sort(entropy(logits, CLASSES)[0, free])[-3:]
    first = entropy(logits, 1)[0, 1] + hard.sum()
    second = np.sort(entropy(logits, CLASSES)[1])[-3:].sum()
    loss = WindowClassesLoss(reduction=None, high=0.8)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)), [first, second], rtol=1e-5
    )


def test_loss_of_boxes():
    arguments = {
        "high": 0.6,
        "low": 0.2,
        "normalize_by": "batch",
        "name": "mine",
    }
    check_loss(WindowBoxesLoss, arguments, TRUTH, rows(4))
    predicted = rows(4)
    target = [-1, -1, 0.75, 1]
    expected = np.square(predicted[0, 1, :4] - target).sum()
    loss = WindowBoxesLoss(reduction=None, high=0.8)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)), [expected, 0], rtol=1e-5
    )


def test_an_object_that_no_window_fits_has_the_best():
    truth = {
        "boxes": np.array([[[10, 9, 13, 11]]], "float32"),
        "classes": np.array([[0]]),
    }
    slope = gradient(lambda p: WindowBoxesLoss()(truth, p), rows(4)[:1])
    assert np.flatnonzero(slope[0, :, :4].any(-1)).tolist() == [5]


def test_nothing_inside_a_crowd_is_background():
    crowd = {
        **TRUTH,
        "crowd": np.array([[1, 0], [0, 0]]),
        "boxes": np.array([[[0, 8, 24, 16], [0] * 4], [[0] * 4] * 2], "f4"),
    }
    loss = WindowClassesLoss(min_negatives=100, reduction=None)
    slope = gradient(lambda p: loss(crowd, p), rows(CLASSES + 1))[0]
    taught = np.flatnonzero(slope[:, :-4].any(-1))
    assert taught.tolist() == [0, 1, 2, 3, 7]


def test_a_class_that_is_not_annotated_may_be_background():
    truth = {**TRUTH, "annotated": np.array([[0, 1], [0, 1]])}
    predicted = rows(CLASSES + 1)
    logits = predicted[1, :, :3].astype("float64")
    maybe = np.log(np.exp(logits[:, [0, 2]]).sum(-1))
    values = np.log(np.exp(logits).sum(-1)) - maybe
    loss = WindowClassesLoss(reduction=None, min_negatives=100)
    np.testing.assert_allclose(
        to_numpy(loss(truth, predicted))[1], values.sum(), rtol=1e-5
    )


def test_a_crop_is_an_image():
    crop = to_numpy(join(np.zeros((1, 1, 3), "f4"), [[0.0, 0, 32, 32]]))
    truth = {"boxes": crop[..., 3:], "classes": np.array([[0]])}
    value = float(WindowClassesLoss()(truth, crop))
    assert value == pytest.approx(np.log(3))
    truth = {"boxes": np.zeros((1, 1, 4)), "classes": np.array([[-1]])}
    value = float(WindowClassesLoss()(truth, crop))
    assert value == pytest.approx(np.log(3))


def test_who_is_labelled():
    boxes = TRUTH["boxes"].copy()
    boxes[1] = np.nan
    for cls in (WindowClassesLoss, WindowBoxesLoss):
        labelled = cls().labelled({**TRUTH, "boxes": boxes})
        assert to_numpy(labelled).tolist() == [True, False]
        assert np.isnan(cls().truth_boxes(TRUTH)[1]).all()


def test_wrong_truth_and_options_are_errors():
    with pytest.raises(ValueError, match="class 1"):
        WindowClassesLoss().check_truth(TRUTH, rows(2))
    with pytest.raises(ValueError, match="low <= high"):
        WindowBoxesLoss(low=0.7)
    with pytest.raises(ValueError, match="expects windows"):
        WindowClassesLoss()(TRUTH, np.zeros((2, 9)))


def test_encode_and_decode_are_the_reverse_of_each_other():
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0, 30, WINDOWS.shape).astype("float32")
    again = decode(encode(boxes, WINDOWS), WINDOWS)
    np.testing.assert_allclose(to_numpy(again), boxes, atol=1e-4)
