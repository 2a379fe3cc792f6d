import itertools

import keras
import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from mtvision.ops.extreme_grouping import (
    Peaks,
    group_extremes,
    suppress_ghosts,
)

SIZE, CLASSES = 8, 2


# Columns and rows that points of each kind are drawn from: not all of the
# fours that they make are valid.
RANGES = [
    ((1, 7), (0, 4)),
    ((0, 4), (1, 7)),
    ((1, 7), (4, 8)),
    ((4, 8), (1, 7)),
]


def random_peaks(seed, count=4, batch=2):
    rng = np.random.default_rng(seed)
    peaks = []
    for ranges in RANGES:
        shape = batch, count
        cells = np.stack([rng.integers(*limits, shape) for limits in ranges])
        fractions = rng.uniform(size=cells.shape)
        peaks.append(
            Peaks(
                rng.uniform(0, 1, shape).astype("float32"),
                *cells.astype("int32"),
                *(cells + fractions).astype("float32"),
                rng.integers(0, CLASSES, shape).astype("int32"),
            )
        )
    centers = rng.uniform(size=(batch, SIZE, SIZE, CLASSES)).astype("float32")
    return peaks, centers


def group_slowly(peaks, centers, image, threshold, center_threshold):
    """All fours of one image by four loops: (score, class, box)."""
    found = []
    points = [list(zip(*(field[image] for field in kind))) for kind in peaks]
    for t, l, b, r in itertools.product(*points):  # noqa: E741
        if len({p[5] for p in (t, l, b, r)}) > 1:
            continue
        if min(p[0] for p in (t, l, b, r)) < threshold:
            continue
        if t[2] > min(l[2], r[2]) or b[2] < max(l[2], r[2]) or t[2] >= b[2]:
            continue
        if l[1] > min(t[1], b[1]) or r[1] < max(t[1], b[1]) or l[1] >= r[1]:
            continue
        x, y = int((l[3] + r[3]) / 2), int((t[4] + b[4]) / 2)
        center = centers[image, y, x, t[5]]
        if center < center_threshold:
            continue
        score = (t[0] + l[0] + b[0] + r[0] + center) / 5
        found.append((score, t[5], l[3], t[4], r[3], b[4]))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_finds_what_four_loops_find(seed):
    peaks, centers = random_peaks(seed, count=6)

    def run(*inputs):
        return group_extremes(
            [Peaks(*inputs[6 * k : 6 * k + 6]) for k in range(4)],
            inputs[-1],
            num_groups=40,
            peak_threshold=0.2,
            center_threshold=0.3,
        )

    fields = [field for kind in peaks for field in kind]
    inputs = [keras.ops.convert_to_tensor(x) for x in (*fields, centers)]
    boxes, scores, classes = to_numpy(compiled(run)(*inputs))
    assert boxes.shape == (2, 40, 4)
    for image in range(2):
        expected = group_slowly(peaks, centers, image, 0.2, 0.3)[:40]
        count = len(expected)
        assert count > 0
        assert (scores[image, count:] == -np.inf).all()
        np.testing.assert_allclose(
            scores[image, :count], [row[0] for row in expected], rtol=1e-5
        )
        assert classes[image, :count].tolist() == [row[1] for row in expected]
        np.testing.assert_allclose(
            boxes[image, :count], [row[2:] for row in expected], rtol=1e-5
        )


def test_fewer_fours_than_groups():
    peaks, centers = random_peaks(0, count=2)
    boxes, scores, _ = to_numpy(group_extremes(peaks, centers))
    assert boxes.shape[:2] == scores.shape == (2, 16)


def test_ghosts():
    """A box around three in a row, as in the paper's figure."""
    boxes = np.array(
        [[[0, 0, 30, 9], [0, 0, 9, 9], [10, 0, 19, 9], [20, 0, 30, 9]]], "f4"
    )
    classes = np.array([[1, 1, 1, 1]])
    scores = np.array([[0.4, 0.5, 0.5, 0.25]], "float32")
    found = to_numpy(suppress_ghosts(boxes, scores, classes))
    np.testing.assert_allclose(found, [[0.2, 0.5, 0.5, 0.25]])
    # 1.25 is not more than three times 0.5.
    strong = np.array([[0.5, 0.5, 0.5, 0.25]], "float32")
    found = to_numpy(suppress_ghosts(boxes, strong, classes))
    np.testing.assert_allclose(found, strong)
    others = np.array([[0, 1, 1, 1]])
    found = to_numpy(suppress_ghosts(boxes, scores, others))
    np.testing.assert_allclose(found, scores)
