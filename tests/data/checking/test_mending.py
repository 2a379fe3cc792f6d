import numpy as np
import pytest

from mtvision.data.checking import kinds
from mtvision.data.checking.mended import Mended
from mtvision.data.checking.mending import mend

IMAGE = np.zeros((10, 20, 3), "uint8")


def test_rows_leave_every_field_of_the_objects():
    boxes = [[1, 1, 5, 5], [3, 3, 3, 9], [9, 1, 4, 5], [1, 1, 5, 5], [2] * 4]
    sample = {
        "image": IMAGE,
        "boxes": np.array(boxes, "float32"),
        "classes": np.array([4, 1, 2, 4, -1]),
        "difficult": np.arange(5),
        "area": np.full(5, np.nan),
        "keypoints": np.arange(30.0).reshape(5, 2, 3),
        "other_classes": np.arange(2),
    }
    mended, counts = mend(sample, {})
    # The last row is padding, which is left alone.
    assert mended["boxes"].tolist() == [boxes[0], boxes[4]]
    assert mended["classes"].tolist() == [4, -1]
    assert mended["difficult"].tolist() == [0, 4]
    assert len(mended["area"]) == 2
    assert mended["keypoints"][1, 0, 0] == 24
    assert mended["other_classes"].tolist() == [0, 1]
    assert counts == {
        kinds.BOX_WITHOUT_AREA: 1,
        kinds.BOX_INVERTED: 1,
        kinds.BOX_DUPLICATE: 1,
    }


def test_clipped_boxes_that_become_copies_are_removed():
    boxes = np.array([[5, 5, 25, 9], [5, 5, 29, 9]], "float32")
    mended, counts = mend({"image": IMAGE, "boxes": boxes}, {})
    assert mended["boxes"].tolist() == [[5, 5, 20, 9]]
    assert counts[kinds.BOX_PARTLY_OUTSIDE] == 2
    assert counts[kinds.BOX_DUPLICATE] == 1


@pytest.mark.parametrize("box", [[3, 3, 3, 9], [9, 3, 3, 9], [3, np.nan, 9, 9]])
def test_whether_a_wrong_single_box_is_there_is_not_known(box):
    sample = {
        "image": IMAGE,
        "box": np.array(box, "float32"),
        "present": np.float32(1),
    }
    mended, counts = mend(sample, {})
    assert np.isnan(mended["box"]).all()
    assert np.isnan(mended["present"])
    assert sum(counts.values()) == 1


def test_strays_become_minus_one_also_in_unsigned_maps():
    semantic = np.full((10, 20), 1, "uint8")
    semantic[0, :2] = [7, 255]
    sample = {"image": IMAGE, "semantic": semantic}
    mended, counts = mend(sample, {"semantic": 2})
    assert mended["semantic"][0, :3].tolist() == [-1, 255, 1]
    assert mended["semantic"].dtype == "int32"
    assert counts == {kinds.STRAY_MAP_VALUES: 1}


def test_what_is_not_finite_is_missing():
    nan, inf = np.nan, np.inf
    sample = {
        "image": IMAGE,
        "scores": np.array([1, inf], "float32"),
        "attributes": np.array([1, nan, inf], "float32"),
        "keypoints": np.array([[inf, 2, 2], [3, 4, 1]], "float32"),
        "tail_keypoints": np.array([[nan, 2], [3, 4]], "float32"),
        "depth": np.full((10, 20), 2.0),
    }
    sample["depth"][0, :3] = [nan, inf, -1]
    mended, counts = mend(sample, {})
    expected = {
        "scores": [nan, nan],
        "attributes": [1, nan, nan],
        "keypoints": [[0, 0, 0], [3, 4, 1]],
        "tail_keypoints": [[nan, nan], [3, 4]],
    }
    for name, value in expected.items():
        np.testing.assert_array_equal(mended[name], value)
        assert mended[name].dtype == sample[name].dtype
    np.testing.assert_array_equal(mended["depth"][0, :4], [nan, nan, nan, 2])
    assert counts == {kinds.NON_FINITE: 5, kinds.DEPTH_NOT_POSITIVE: 1}


def test_a_sound_sample_stays_the_same():
    boxes = np.array([[1, 1, 5, 5]], "float64")
    sample = {"image": IMAGE, "boxes": boxes, "label": 3, "caption": "a cat"}
    mended, counts = mend(sample, {})
    assert not counts
    assert mended.keys() == sample.keys()
    for name, value in sample.items():
        assert mended[name] is value


def test_a_mended_source_describes_itself_as_its_source():
    class Source(list):
        files = ("x.png",)

    source = Source([{"image": IMAGE, "semantic": np.full((10, 20), 3)}])
    source.classes = {"semantic": ["a"]}
    mended = Mended(source, [0], {"semantic": 1})
    assert mended.classes == source.classes
    assert mended.files == source.files
    assert not hasattr(mended, "path")
    assert not hasattr(mended, "column")
    assert (mended[-1]["semantic"] == -1).all()
    assert (Mended(source, [], {})[0]["semantic"] == 3).all()
