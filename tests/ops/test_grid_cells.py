import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.boxes import box_iou
from mtvision.ops.grid_cells import (
    background_is_known,
    centres_in_cells,
    covered_cells,
    first_owner,
    grid_cells,
    shape_iou,
)

CELLS = grid_cells((3, 4), (10, 20))  # 30 x 80 pixels


def test_cells_tile_the_image():
    cells = to_numpy(CELLS)
    assert cells.shape == (12, 4)
    assert cells[0].tolist() == [0, 0, 20, 10]
    assert cells[5].tolist() == [20, 10, 40, 20]
    assert cells[-1].tolist() == [60, 20, 80, 30]
    assert np.prod(cells[:, 2:] - cells[:, :2], axis=1).sum() == 30 * 80
    overlap = to_numpy(box_iou(cells, cells))
    np.testing.assert_array_equal(overlap, np.eye(12))


def test_repeated_cells():
    cells = to_numpy(grid_cells((3, 4), (10, 20), repeats=2))
    np.testing.assert_array_equal(cells, np.repeat(to_numpy(CELLS), 2, axis=0))


@cases(25)
@given(st.floats(-50, 150, width=32), st.floats(-50, 150, width=32))
def test_every_centre_is_in_one_cell(x, y):
    boxes = np.array([[[x - 1, y - 1, x + 1, y + 1]]], "float32")
    inside = to_numpy(centres_in_cells(boxes, CELLS))[0, 0]
    assert inside.sum() == 1
    column, row = np.clip([x // 20, y // 10], 0, [3, 2]).astype(int)
    assert inside[4 * row + column]


def test_covered_cells_of_large_and_of_tiny_boxes():
    large, tiny = [15, 2, 75, 18], [21, 21, 22, 22]
    boxes = np.array([[large, tiny]], "float32")
    covered = to_numpy(covered_cells(boxes, np.ones((1, 2), bool), CELLS))
    expected = [0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 0]
    assert covered[0].astype(int).tolist() == expected
    only = to_numpy(covered_cells(boxes, np.array([[False, True]]), CELLS))
    assert np.flatnonzero(only[0]).tolist() == [9]


def test_first_owner():
    claims = np.zeros((2, 3, 4), bool)
    claims[0, 1:, 2] = claims[0, 2, 0] = True
    owner = to_numpy(compiled(first_owner)(claims))
    assert owner.tolist() == [[2, -1, 1, -1], [-1] * 4]
    none = to_numpy(first_owner(claims[:, :0]))
    assert none.tolist() == [[-1] * 4] * 2


def test_background_is_known():
    scores = np.array([[[0.9, 0.5], [0.4, 0.5]]] * 2, "float32")
    annotated = np.array([[True, False], [False, True]])
    known = to_numpy(background_is_known(scores, annotated))
    assert known.tolist() == [[True, False], [False, True]]
    assert to_numpy(background_is_known(scores, None)).all()


@cases(25)
@given(
    st.lists(st.floats(0.125, 512, width=32), min_size=4, max_size=4),
)
def test_shape_iou_is_the_iou_of_boxes_of_one_centre(sides):
    half = np.array(sides, "float32").reshape(2, 2) / 2
    boxes = np.concatenate([-half, half], axis=-1)
    np.testing.assert_allclose(
        float(shape_iou(2 * half[0], 2 * half[1])),
        float(box_iou(boxes[:1], boxes[1:])[0, 0]),
        rtol=1e-5,
    )


def test_sizes_without_area_overlap_nothing():
    assert float(shape_iou([0.0, 0.0], [0.0, 0.0])) == 0
