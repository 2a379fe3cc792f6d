import numpy as np
import pytest

from mtvision.data import fields


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        (None, True),
        (np.array(np.nan), True),
        (np.full((4,), np.nan, "float32"), True),
        (np.array([1.0, np.nan]), False),
        (np.array([np.nan, 1.0]), False),
        (np.array(-1), True),
        (np.full((3, 3), -1, "int32"), True),
        (np.array([-1, 2]), False),
        (np.array(255, "uint8"), False),
        (np.array(0), False),
        (np.zeros((0, 4)), False),
        (np.array(True), False),
    ],
)
def test_missing_is_none_nan_or_minus_one_all_over(value, missing):
    assert fields.is_missing(value) == missing


def test_fields_of_one_prefix_belong_together():
    assert fields.sibling("cat_boxes", "classes") == "cat_classes"
    assert fields.sibling("boxes", "classes") == "classes"


def test_maps_are_known_by_name_or_by_size():
    image = (8, 6, 3)
    assert fields.is_map("depth", np.zeros((2, 2)), image)
    assert fields.is_map("heat", np.zeros((8, 6, 5)), image)
    assert not fields.is_map("label", np.array(3), image)
    assert not fields.is_map("boxes", np.zeros((8, 6)), image)


def test_key_points_of_one_animal_are_of_fixed_length():
    assert fields.is_object_field("keypoints", 3)
    assert not fields.is_object_field("keypoints", 2)
