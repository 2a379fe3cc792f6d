from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.boxes import box_iou
from mtvision.ops.matching import match_anchors

# torchvision 0.28, Matcher; and the matches of its RetinaNet, image 1 of
# which holds no box.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "matching.npz")
CASES = {
    "hi0.7_lo0.3_lq1": {"high": 0.7, "low": 0.3, "allow_low_quality": True},
    "hi0.5_lo0.5_lq0": {"high": 0.5, "low": 0.5, "allow_low_quality": False},
    "hi0.5_lo0.4_lq1": {"high": 0.5, "low": 0.4, "allow_low_quality": True},
}


@pytest.mark.parametrize("case", CASES)
def test_matches_of_torchvision(case):
    iou = VECTORS[f"{case}/iou"]
    expected = VECTORS[f"{case}/match"]
    found = to_numpy(match_anchors(iou, **CASES[case]))
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, expected)
    run = compiled(lambda x: match_anchors(x, **CASES[case]))
    found = to_numpy(run(keras.ops.convert_to_tensor(iou)))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("padding", [0.0, -1.0, np.nan, "valid"])
def test_padding_matches_nothing(padding):
    case = "hi0.7_lo0.3_lq1"
    iou = np.stack([VECTORS[f"{case}/iou"]] * 2)
    valid = np.array([[True] * 5, [False] * 5])
    options = {"valid": valid} if padding == "valid" else {}
    if padding != "valid":
        iou[1] = padding
    found = to_numpy(match_anchors(iou, **CASES[case], **options))
    np.testing.assert_array_equal(found[0], VECTORS[f"{case}/match"])
    assert (found[1] == -1).all()


def test_matches_of_a_retinanet():
    truth = np.zeros((2, 6, 4), "float32")
    truth[0, :3] = VECTORS["retinanet/gt0"]

    @compiled
    def run(boxes):
        iou = box_iou(boxes, VECTORS["retinanet/anchors"])
        return match_anchors(iou, high=0.5, low=0.4, allow_low_quality=True)

    found = to_numpy(run(keras.ops.convert_to_tensor(truth)))
    np.testing.assert_array_equal(found, VECTORS["retinanet/match"])


def reference(iou, high, low):
    """The rule of torchvision's `Matcher` in words of one loop."""
    match = np.where(iou.max(0) >= high, iou.argmax(0), -2)
    match[iou.max(0) < low] = -1
    for row in iou:
        if row.max() > 0:
            best = row == row.max()
            match[best] = iou.argmax(0)[best]
    return match


levels = st.integers(0, 10).map(lambda n: n / 10)


@cases(50)
@given(
    iou=arrays("float32", (4, 9), elements=levels),
    bounds=st.tuples(levels, levels).map(sorted),
)
def test_ties_and_truths_without_overlap(iou, bounds):
    low, high = bounds
    found = match_anchors(iou, high=high, low=low, allow_low_quality=True)
    iou, low, high = np.float32(iou), np.float32(low), np.float32(high)
    np.testing.assert_array_equal(to_numpy(found), reference(iou, high, low))


def test_ties_of_a_grid_hold_on_every_backend():
    """A box in the middle of four anchors is matched with all of them."""
    corners = np.array([[0, 0], [32, 0], [0, 32], [32, 32]], "float32") + 0.1
    anchors = np.concatenate([corners, corners + 32], -1)
    truth = np.array([[21.1, 21.1, 43.1, 43.1]], "float32")
    iou = box_iou(truth, anchors)
    found = match_anchors(iou, high=0.7, low=0.3, allow_low_quality=True)
    assert to_numpy(found).tolist() == [0, 0, 0, 0]


def test_no_truth_at_all():
    found = match_anchors(np.zeros((2, 0, 5)), high=0.5, low=0.4)
    assert to_numpy(found).tolist() == [[-1] * 5] * 2


def test_symbolic():
    iou = keras.Input((None, 100))
    match = match_anchors(iou, high=0.5, low=0.4, allow_low_quality=True)
    assert keras.Model(iou, match).output_shape == (None, 100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"high": 0.3, "low": 0.7}, "low=0.7, high=0.3"),
        ({"high": 1.5, "low": 0.7}, "high=1.5"),
        ({"high": 0.7, "low": 0.3, "valid": np.ones((1, 4, 9))}, "valid"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        match_anchors(np.zeros((4, 9)), **options)


def test_error_of_a_single_row():
    with pytest.raises(ValueError, match=r"received shape \(9,\)"):
        match_anchors(np.zeros(9), high=0.5, low=0.5)
