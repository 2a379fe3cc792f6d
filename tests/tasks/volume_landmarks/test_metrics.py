import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.tasks.volume_landmarks import LandmarkError, LandmarksFound

NAN = np.nan
TRUTH = np.array(
    [
        [[1.0, 2.0, 3.0, 1], [NAN, NAN, NAN, 0]],
        [[4.0, 4.0, 4.0, 1], [5.0, 5.0, 5.0, 1]],
        [[NAN, 2.0, 3.0, 1], [1.0, 1.0, 1.0, -1]],
        [[7.0, 2.0, 3.0, NAN], [9.0, 8.0, 7.0, 1]],
        [[0.0, 0.0, 0.0, 0], [NAN, NAN, NAN, NAN]],
    ],
    "float32",
)
FOUND = np.full((5, 2, 3), 50.0, "float32")
FOUND[0, 0] = [1, 2, 3]
FOUND[1] = [[3, 4, 4], [5, 9, 8]]
FOUND[3, 1] = [8, 10, 7]
SPACING = (3.0, 1.0, 1.0)
# In millimetres: (1 x 3), (4, 3), (1 x 3, 2).
DISTANCES = [0.0, 3.0, 5.0, 13**0.5]


def test_error():
    found = check_metric(LandmarkError, {"spacing": SPACING}, TRUTH, FOUND)
    assert found == pytest.approx(np.mean(DISTANCES))
    voxels = fed(LandmarkError(), (TRUTH, FOUND))
    assert voxels == pytest.approx((0 + 1 + 5 + 5**0.5) / 4)
    assert fed(LandmarkError(spacing=2.0), (TRUTH, FOUND)) == pytest.approx(
        2 * voxels
    )


def test_found():
    arguments = {"spacing": SPACING, "radius": 3.0}
    assert check_metric(LandmarksFound, arguments, TRUTH, FOUND) == 0.5
    assert fed(LandmarksFound(radius=4), (TRUTH, FOUND)) == 0.75


def test_wrong_options_and_shapes_are_errors():
    for cls in (LandmarkError, LandmarksFound):
        for spacing in (0.0, (1.0, 1.0, -1.0)):
            with pytest.raises(ValueError, match="spacing"):
                cls(spacing=spacing)
        with pytest.raises(ValueError, match="3 of them"):
            cls(spacing=(1.0, 2.0))
        with pytest.raises(ValueError, match="same shape"):
            cls().update_state(TRUTH, FOUND[:, :1])
    with pytest.raises(ValueError, match="radius"):
        LandmarksFound(radius=0)
