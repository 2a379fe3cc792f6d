"""The type and padding of a field come from its kind, not from the first
sample.
"""

import numpy as np
import pytest

from mtvision.data import Batches

IMAGE = np.zeros((8, 8, 3), "uint8")
BOX = np.array([[0, 0, 4, 4]])


def batch(*samples, targets, **options):
    samples = [{"image": IMAGE} | one for one in samples]
    return Batches(samples, targets, max_objects=2, **options)[0]


def test_a_first_sample_without_objects_says_nothing_of_types():
    """`np.array([])` is float64."""
    names = ("boxes", "classes", "crowd", "difficult", "keypoints", "masks")
    empty = dict.fromkeys(("classes", "crowd", "difficult"), np.array([]))
    first = {
        "boxes": np.zeros((0, 4), "int64"),
        "keypoints": np.zeros((0, 3, 3), "int64"),
        "masks": np.zeros((0, 8, 8), "bool"),
    }
    second = {
        "boxes": BOX + 0.5,
        "classes": np.array([3]),
        "crowd": np.array([True]),
        "difficult": np.array([1]),
        "keypoints": np.full((1, 3, 3), 1.5),
        "masks": np.ones((1, 8, 8), "bool"),
    }
    targets = {"d": {name: name for name in names}}
    _, truth, _ = batch(first | empty, second, targets=targets)
    truth = truth["d"]
    types = {name: truth[name].dtype.name for name in names}
    assert types == {
        "boxes": "float32",
        "classes": "int32",
        "crowd": "int32",
        "difficult": "int32",
        "keypoints": "float32",
        "masks": "uint8",
    }
    for name in ("classes", "crowd", "difficult"):
        assert truth[name][0].tolist() == [-1, -1]
        assert truth[name][1, 1] == -1
    assert truth["boxes"][1].tolist() == [[0.5, 0.5, 4.5, 4.5], [0] * 4]
    assert (truth["keypoints"][1, 0] == 1.5).all()
    assert truth["masks"].sum() == 64


@pytest.mark.parametrize("first", [True, False])
def test_numbers_of_objects_are_not_cut_to_integers(first):
    whole = {"boxes": BOX, "classes": np.array([1.0])}
    broken = {"boxes": BOX, "classes": np.array([1.5])}
    targets = {"d": {"boxes": "boxes", "classes": "classes"}}
    assert batch(whole, targets=targets)[1]["d"]["classes"][0, 0] == 1
    samples = [broken, whole] if first else [whole, broken]
    place = f"sample {0 if first else 1}"
    with pytest.raises(ValueError, match=f"'classes' of {place}.*whole"):
        batch(*samples, targets=targets)


def test_numbers_of_classes_are_compared_with_classes_only():
    one = {
        "boxes": BOX,
        "classes": np.array([0]),
        "crowd": np.array([1]),
        "masks": np.ones((1, 8, 8), "uint8"),
    }
    targets = {"o": {name: name for name in one}}
    batch(one, targets=targets, num_classes={"o": 1})
    with pytest.raises(ValueError, match="'classes'.*class number 1"):
        batch(
            one | {"classes": np.array([1])},
            targets=targets,
            num_classes={"o": 1},
        )
    with pytest.raises(ValueError, match="'count'.*class number 9"):
        batch(
            {"count": np.array(9)}, targets={"c": "count"}, num_classes={"c": 5}
        )


@pytest.mark.parametrize("structure", ["depth", {"metres": "depth"}])
def test_pixels_of_a_map_may_be_missing_however_it_is_read(structure):
    depth = np.ones((8, 8), "float32")
    depth[2, 3] = np.nan
    _, truth, weights = batch({"depth": depth}, targets={"d": structure})
    truth = truth["d"] if isinstance(structure, str) else truth["d"]["metres"]
    np.testing.assert_array_equal(truth[0], depth)
    assert weights["d"].tolist() == [1]
