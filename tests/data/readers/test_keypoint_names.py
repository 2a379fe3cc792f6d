import pytest

from mtvision.data.readers.keypoint_names import flip_pairs


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["left_eye", "right_eye", "nose"], [(0, 1)]),
        (["nose", "rightear", "leftear"], [(1, 2)]),
        (["LeftHand", "RightHand"], [(0, 1)]),
        (["eye_left", "hip", "eye_right"], [(0, 2)]),
        (["left_eye", "nose"], []),
        (["00", "01"], []),
        ([], []),
    ],
)
def test_pairs_are_told_by_left_and_right(names, pairs):
    assert flip_pairs(names) == pairs
