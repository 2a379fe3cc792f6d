from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.boxes import (
    KINDS,
    aligned_box_iou,
    box_area,
    box_iou,
    clip_boxes,
    empty_small_boxes,
)

# torchvision 0.28: pairs 0 to 5 overlap, 6 is identical, 7 apart, 8 nested,
# 9 without area, 10 touching, 11 to 23 random.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "boxes.npz")
A, B = VECTORS["a"].astype("float32"), VECTORS["b"].astype("float32")

any_boxes = arrays(
    "float32",
    (3, 4),
    elements=st.floats(-1000, 1000, width=32) | st.sampled_from([0.0, 8.0]),
)


@pytest.mark.parametrize("kind", KINDS)
def test_pairwise_values_of_torchvision(kind):
    expected = VECTORS[f"pairwise/{kind}"]
    defined = np.isfinite(expected)  # 0 / 0 for boxes without area
    found = to_numpy(box_iou(A, B, kind=kind))
    np.testing.assert_allclose(found[defined], expected[defined], atol=1e-6)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_losses_and_gradients_of_torchvision(kind):
    # Also at kinks: identical boxes, boxes without area, touching boxes.
    value, slope = VECTORS[f"{kind}_loss"], VECTORS[f"{kind}_grad"]
    if kind == "ciou":  # 0 / 0 for boxes without area
        value[9], slope[9] = 1, 0
    loss = 1 - to_numpy(aligned_box_iou(A, B, kind=kind))
    np.testing.assert_allclose(loss, value, rtol=1e-5, atol=1e-6)
    found = gradient(lambda x: 1 - aligned_box_iou(x, B, kind=kind), A)
    np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-6)


def test_area_of_torchvision():
    np.testing.assert_allclose(
        to_numpy(box_area(A)), VECTORS["area"], rtol=1e-5
    )


def test_pairwise_is_aligned_of_all_pairs():
    a = np.stack([A[:5], A[5:10]])
    b = np.stack([B[:3], B[3:6]])
    for kind in KINDS:
        pairs = to_numpy(box_iou(a, b, kind=kind))
        assert pairs.shape == (2, 5, 3)
        alone = to_numpy(aligned_box_iou(a[1, 4], b[1, 2], kind=kind))
        np.testing.assert_allclose(pairs[1, 4, 2], alone, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@cases(30)
@given(a=any_boxes, b=any_boxes)
def test_laws(kind, a, b):
    value = to_numpy(aligned_box_iou(a, b, kind=kind))
    slope = gradient(lambda x: aligned_box_iou(x, b, kind=kind), a)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    lowest = {"iou": 0, "giou": -1, "diou": -1, "ciou": -2}[kind]
    assert (value <= 1 + 1e-6).all()
    assert (value >= lowest - 1e-5).all()
    backwards = to_numpy(aligned_box_iou(b, a, kind=kind))
    np.testing.assert_allclose(value, backwards, atol=1e-5)
    empty = (to_numpy(box_area(a)) == 0) | (to_numpy(box_area(b)) == 0)
    if kind == "iou":
        assert (value[empty] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_zero_boxes(kind):
    zeros = np.zeros((1, 4), "float32")
    assert to_numpy(aligned_box_iou(zeros, zeros, kind=kind)) == 0
    slope = gradient(lambda x: aligned_box_iou(x, zeros, kind=kind), zeros)
    assert np.isfinite(slope).all()


def test_inverted_boxes_have_no_area():
    inverted = np.array([[8, 8, 2, 2], [2, 8, 8, 2]], "float32")
    box = np.array([[0, 0, 10, 10]], "float32")
    assert to_numpy(box_area(inverted)).tolist() == [0, 0]
    assert to_numpy(box_iou(inverted, box)).tolist() == [[0], [0]]
    assert to_numpy(box_iou(inverted, inverted)).max() == 0


def test_float32_whatever_comes_in():
    for dtype in ("float64", "float16", "int32"):
        boxes = np.array([[0, 0, 4, 4]], dtype)
        assert to_numpy(box_iou(boxes, boxes)).dtype == np.float32


def test_clip_boxes():
    boxes = np.array([[-5, -6, 99, 98], [200, 3, 300, 4]], "float32")
    expected = [[0, 0, 60, 40], [60, 3, 60, 4]]
    run = compiled(lambda x: clip_boxes(x, 40, 60))
    np.testing.assert_array_equal(to_numpy(run(boxes)), expected)


def test_clip_boxes_of_torchvision():
    found = to_numpy(clip_boxes(VECTORS["clip/in"], 150, 200))
    np.testing.assert_array_equal(found, VECTORS["clip/150x200"])


BROKEN = [
    [np.nan, 0, 9, 9],
    [0, 0, np.inf, 9],
    [-np.inf, 0, np.inf, 9],
    [0, 0, 3e38, 3e38],
    [np.nan] * 4,
]


@pytest.mark.parametrize("kind", KINDS)
def test_broken_boxes_are_empty_ones(kind):
    broken = np.array(BROKEN, "float32")
    zeros, boxes = np.zeros_like(broken), B[:5]
    for function in (aligned_box_iou, box_iou):
        found = to_numpy(function(broken, boxes, kind=kind))
        expected = to_numpy(function(zeros, boxes, kind=kind))
        np.testing.assert_array_equal(found, expected)
        slope = gradient(lambda x, f=function: f(x, boxes, kind=kind), broken)
        assert (slope == 0).all()
    slope = gradient(lambda x: box_iou(x, broken, kind=kind), boxes)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("kind", KINDS)
def test_perfect_boxes_stay_where_they_are(kind):
    slope = gradient(lambda x: aligned_box_iou(x, A[:6], kind=kind), A[:6])
    np.testing.assert_allclose(slope, 0, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_unit_of_length_does_not_matter(kind, scale):
    some = np.arange(24) != 9
    a, b = A[some], B[some]
    found = to_numpy(box_iou(a * scale, b * scale, kind=kind))
    expected = to_numpy(box_iou(a, b, kind=kind))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_of_unknown_number(kind):
    a, b = keras.Input((None, 4)), keras.Input((7, 4))
    model = keras.Model([a, b], box_iou(a, b, kind=kind))
    assert model.output_shape == (None, None, 7)
    found = model.predict([A[None], B[None, :7]], verbose=0)
    expected = to_numpy(box_iou(A, B[:7], kind=kind))
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: box_iou(A, B, kind="area"), "kind='area'"),
        (lambda: box_iou(A[:, :3], B), r"\(24, 3\)"),
        (lambda: box_iou(A[0], B), "aligned_box_iou"),
        (lambda: box_iou(A.reshape(2, 12, 4), B.reshape(3, 8, 4)), "size 1"),
        (lambda: aligned_box_iou(A, B[:3]), "size 1"),
        (lambda: aligned_box_iou(keras.Input((5,)), B), r"\(None, 5\)"),
        (lambda: box_area(A[:, :2]), "pixels"),
        (lambda: clip_boxes(A.T, 3, 4), "pixels"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_small_boxes_are_emptied():
    boxes = np.array([[[1, 2, 5, 6], [1, 2, 5, 5.5], [9, 9, 3, 3]]], "float32")
    found = to_numpy(empty_small_boxes(boxes, 4.0))
    assert found.tolist() == [[[1, 2, 5, 6], [0, 0, 0, 0], [0, 0, 0, 0]]]
