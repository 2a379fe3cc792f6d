import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.candidates import (
    coordinate_planes,
    mask_candidates,
    plane_iou,
    require_number,
    standardize_candidates,
)

BOXES = np.array([[[0, 0, 4, 4], [2, 0, 6, 4], [1, 1, 1, 3], [9, 9, 8, 7]]])


def test_overlap_of_planes():
    planes = coordinate_planes(keras.ops.cast(BOXES, "float32"))
    assert planes.shape == (1, 5, 4)
    iou = to_numpy(plane_iou(planes, planes[:, :, :3]))
    expected = [[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, np.nan], [0, 0, 0]]
    np.testing.assert_allclose(iou[0], expected, rtol=1e-6)


def test_what_cannot_be_chosen_is_marked():
    boxes = BOXES.astype("float32")
    boxes[0, 1, 2] = np.inf
    candidates = standardize_candidates(
        boxes, [[0.3, 0.9, 0.2, 0.1]], [[0, 0, -1, 2]]
    )
    assert [x.shape for x in candidates] == [(1, 4, 4), (1, 4), (1, 4)]
    boxes, scores, classes = map(to_numpy, mask_candidates(*candidates))
    np.testing.assert_allclose(scores[0], [0.3, -np.inf, -np.inf, 0.1])
    assert (boxes[0, 1:3] == 0).all()
    assert classes.dtype == "int32"
    scores = mask_candidates(*candidates, score_threshold=0.2)[1]
    assert (to_numpy(scores)[0] > -np.inf).tolist() == [True] + 3 * [False]


@pytest.mark.parametrize("value", ["0.5", None, np.nan, 1.1, np.float32(-1)])
def test_no_number_in_range(value):
    with pytest.raises(ValueError, match="share as a number from 0 to 1"):
        require_number(value, "share", 0, 1)
    require_number(np.float32(0.5), "share", 0, 1)
