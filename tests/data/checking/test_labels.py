import numpy as np
import pytest

from mtvision.data.checking import kinds, labels

IMAGE = np.zeros((10, 20, 3), "uint8")


@pytest.mark.parametrize(
    ("name", "value", "kinds_found"),
    [
        ("keypoints", [[np.nan, np.nan], [3, 4]], []),
        ("keypoints", [[np.nan, 2], [3, 4]], [kinds.NON_FINITE]),
        ("keypoints", [[20, 10], [0, 0]], []),
        ("keypoints", [[20.5, 5]], [kinds.POINT_OUTSIDE]),
        ("keypoints", [[5, -1]], [kinds.POINT_OUTSIDE]),
        ("keypoints", [[5, -1, 0]], []),
        ("keypoints", [[5, -1, 1]], [kinds.POINT_OUTSIDE]),
        ("keypoints", [[np.nan, np.nan, 0]], []),
        ("keypoints", [[5, 5, -1]], [kinds.VISIBILITY]),
        ("keypoints", [[5, 5, np.nan]], [kinds.VISIBILITY]),
        ("cat_keypoints", [[[5, 5, 2]], [[5, 50, 2]]], [kinds.POINT_OUTSIDE]),
    ],
)
def test_key_points(name, value, kinds_found):
    sample = {"image": IMAGE, name: np.array(value, "float32")}
    found = list(labels.check_keypoints(sample))
    assert [one.kind for one in found] == kinds_found
    assert all(one.field == name for one in found)


def test_points_of_padding_are_not_judged():
    sample = {
        "image": IMAGE,
        "classes": np.array([0, -1]),
        "keypoints": np.array([[[5, 5, 2]], [[-5, 5, 9]]]),
    }
    assert not list(labels.check_keypoints(sample))
    assert not list(labels.check_objects_without_points(sample))


def test_objects_without_points_are_named():
    sample = {"keypoints": np.array([[[5, 5, 2]], [[0, 0, 0]]])}
    (found,) = labels.check_objects_without_points(sample)
    assert found == (kinds.NO_POINTS, "keypoints", "row 1")
    sample = {"keypoints": np.array([[5, 5, 0], [0, 0, 0]])}
    assert len(list(labels.check_objects_without_points(sample))) == 1


def test_class_numbers_are_in_range():
    sample = {"classes": np.array([0, 3, -1]), "label": np.array(-3)}
    found = list(labels.check_class_numbers(sample, known={"classes": 3}))
    assert [(one.field, one.detail) for one in found] == [
        ("classes", "[3]; there are 3 classes"),
        ("label", "[-3]"),
    ]


@pytest.mark.parametrize(
    ("name", "unsound"),
    [("depth", 1), ("attributes", 1), ("scores", 2), ("heat", 2)],
)
def test_nan_is_part_of_some_labels(name, unsound):
    value = np.array([1.0, np.nan, np.inf])
    assert labels.unsound_numbers(name, value).sum() == unsound
    (found,) = labels.check_finite({name: value})
    assert found.detail == f"{unsound} of 3 values"
