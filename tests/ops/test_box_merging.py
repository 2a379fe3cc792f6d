import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.box_merging import merge_boxes, merge_cost


def random_boxes(seed, count):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 60, (1, count, 2))
    size = rng.uniform(10, 40, (1, count, 2))
    boxes = np.concatenate([low, low + size], axis=-1).astype("float32")
    scores = rng.uniform(0.1, 1, (1, count)).astype("float32")
    return boxes, scores, rng.integers(0, 2, (1, count))


def merge_slowly(boxes, scores, classes, threshold):
    """One list of (box, score, members, class), in numpy."""
    rows = [
        [box.astype("float64"), score, 1, class_]
        for box, score, class_ in zip(boxes, scores, classes)
    ]
    while True:
        best, pair = threshold, None
        for i, a in enumerate(rows):
            for j, b in enumerate(rows[i + 1 :], start=i + 1):
                if a[3] != b[3]:
                    continue
                low = np.maximum(a[0][:2], b[0][:2])
                high = np.minimum(a[0][2:], b[0][2:])
                both = np.prod(np.maximum(high - low, 0))
                areas = [np.prod(r[0][2:] - r[0][:2]) for r in (a, b)]
                apart = (a[0][:2] + a[0][2:] - b[0][:2] - b[0][2:]) / 2
                sizes = [r[0][2:] - r[0][:2] for r in (a, b)]
                cost = np.max(np.abs(apart) / np.mean(sizes, axis=0))
                cost += 1 - both / (sum(areas) - both)
                if cost <= best:
                    best, pair = cost, (i, j)
        if pair is None:
            return rows
        i, j = pair
        a, b = rows[i], rows.pop(j)
        number = a[2] + b[2]
        box = (a[2] * a[0] + b[2] * b[0]) / number
        rows[i] = [box, a[1] + b[1], number, a[3]]


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 1.6])
@pytest.mark.parametrize("seed", [0, 1])
def test_is_the_greedy_algorithm(seed, threshold):
    boxes, scores, classes = random_boxes(seed, 14)
    expected = merge_slowly(boxes[0], scores[0], classes[0], threshold)
    run = compiled(lambda *x: merge_boxes(*x, threshold=threshold))
    inputs = [keras.ops.convert_to_tensor(x) for x in (boxes, scores, classes)]
    merged, sums = to_numpy(run(*inputs))
    alive = sums[0] > 0
    assert alive.sum() == len(expected)
    order = np.argsort(sums[0][alive])
    expected = sorted(expected, key=lambda row: row[1])
    np.testing.assert_allclose(
        sums[0][alive][order], [row[1] for row in expected], rtol=1e-4
    )
    np.testing.assert_allclose(
        merged[0][alive][order], [row[0] for row in expected], rtol=1e-3
    )


@cases(15)
@given(seed=st.integers(0, 1000), threshold=st.floats(0, 2))
def test_no_score_is_lost(seed, threshold):
    boxes, scores, classes = random_boxes(seed, 8)
    _, sums = to_numpy(merge_boxes(boxes, scores, classes, threshold=threshold))
    for class_ in range(2):
        own = classes == class_
        np.testing.assert_allclose(
            sums[own].sum(), scores[own].sum(), rtol=1e-4
        )


def test_equal_boxes_become_one_and_padding_none():
    boxes = np.tile(np.array([[3.0, 4, 20, 30]], "float32"), (1, 6, 1))
    scores = np.array([[0.5, 0.25, 0, 0.125, -1, 0]], "float32")
    merged, sums = to_numpy(merge_boxes(boxes, scores, np.zeros((1, 6))))
    assert sums[0].tolist() == [0.875, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(merged[0, 0], [3, 4, 20, 30])


def test_images_do_not_mix():
    a, b = random_boxes(3, 7), random_boxes(4, 7)
    together = [np.concatenate(pair) for pair in zip(a, b)]
    merged, sums = to_numpy(merge_boxes(*together))
    for row, alone in enumerate((a, b)):
        boxes, scores = to_numpy(merge_boxes(*alone))
        np.testing.assert_allclose(merged[row], boxes[0], rtol=1e-4)
        np.testing.assert_allclose(sums[row], scores[0], rtol=1e-4)


def test_cost_has_no_unit():
    boxes, _, _ = random_boxes(5, 6)
    np.testing.assert_allclose(
        to_numpy(merge_cost(boxes)), to_numpy(merge_cost(7 * boxes)), atol=1e-4
    )
