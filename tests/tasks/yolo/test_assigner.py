import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from batteries.configs import check_config
from mtvision.ops.grid_cells import grid_cells
from mtvision.ops.truth_objects import read_objects
from mtvision.tasks.yolo import CellAnchorAssigner

CELLS = to_numpy(grid_cells((2, 2), 16, repeats=2))[None]
SIZES = np.tile(np.array([[8, 8], [20, 10]], "float32"), (4, 1))[None]
FAR = np.tile(np.array([-1, -1, -0.5, -0.5], "float32"), (1, 8, 1))


def assign(boxes, *, predicted=FAR, ignore_iou=0.6, **flags):
    truth = {
        "boxes": np.array([boxes], "float32"),
        "classes": np.zeros((1, len(boxes))),
        **{name: np.array([values]) for name, values in flags.items()},
    }
    assigner = CellAnchorAssigner(ignore_iou=ignore_iou)

    def run(boxes):
        return assigner(read_objects(truth), boxes, CELLS, SIZES)

    return to_numpy(compiled(run)(predicted.astype("float32")))[0].tolist()


def test_best_shape_in_the_cell_of_the_centre():
    square, wide = [1, 1, 9, 9], [15, 20, 33, 29]
    assert assign([square]) == [0] + [-1] * 7
    assert assign([wide]) == [-1] * 7 + [0]
    assert assign([wide, square]) == [1] + [-1] * 6 + [0]


def test_the_first_of_two_that_want_an_anchor_has_it():
    assert assign([[1, 1, 9, 9], [2, 2, 10, 10]]) == [0] + [-1] * 7


def test_what_overlaps_well_is_no_background():
    predicted = FAR.copy()
    predicted[0, 5] = [1, 1, 9, 8]  # IoU 7 / 8, of another cell
    assert assign([[1, 1, 9, 9]], predicted=predicted)[5] == -2
    strict = assign([[1, 1, 9, 9]], predicted=predicted, ignore_iou=0.9)
    assert strict[5] == -1


def test_crowds_are_neither():
    found = assign([[1, 1, 26, 9]], crowd=[1])
    assert found == [-2] * 4 + [-1] * 4
    found = assign([[1, 1, 9, 9]], difficult=[1])
    assert found == [-2] * 2 + [-1] * 6


def test_no_objects():
    assert assign([[0, 0, 0, 0]]) == [-1] * 8
    assert assign(np.zeros((0, 4))) == [-1] * 8


def test_config():
    check_config(CellAnchorAssigner, {"ignore_iou": 0.4})
    with pytest.raises(ValueError, match="ignore_iou=0"):
        CellAnchorAssigner(ignore_iou=0)
