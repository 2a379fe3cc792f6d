import collections

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mtvision.data.checking import kinds, maps


@given(
    arrays.arrays(
        st.sampled_from(["int32", "uint8", "int64"]),
        arrays.array_shapes(min_dims=0, max_dims=2, min_side=0),
    )
)
def test_values_are_counted(value):
    expected = collections.Counter(value.ravel().tolist())
    assert maps.count_values(value) == expected


def test_values_far_apart_take_no_memory():
    value = np.array([-(2**63), 2**63 - 1])
    assert len(maps.count_values(value)) == 2


@pytest.mark.parametrize(
    ("known", "stray"),
    [(None, [-2, 2**40]), (300, [-2, 400, 2**40]), (2, [-2, 2, 400, 2**40])],
)
def test_stray_numbers(known, stray):
    numbers = np.array([-2, -1, 0, 1, 2, 255, 400, 2**40])
    if known == 300:
        numbers = numbers[numbers != 2]
    found = numbers[maps.is_stray(numbers, known)]
    assert found.tolist() == stray


def test_stray_numbers_are_counted_and_named():
    value = np.array([[0, 5, 5], [7, 255, -1]])
    (found,) = maps.check_map_values({"semantic": value}, known={"semantic": 5})
    assert found.kind == kinds.STRAY_MAP_VALUES
    assert found.detail == "3 pixels hold [5, 7]"
    assert not list(maps.check_map_values({"depth": value}, known={"depth": 2}))


def test_masks_of_no_object_are_sound():
    assert not list(maps.check_masks({"masks": np.zeros((0, 4, 4))}))


def test_padded_masks_are_not_judged():
    masks = np.zeros((2, 4, 4))
    masks[0, 1, 1] = 1
    sample = {"masks": masks, "classes": np.array([0, -1])}
    assert not list(maps.check_masks(sample))


@pytest.mark.parametrize("value", [255, 2, 0.5, np.nan])
def test_masks_are_binary(value):
    masks = np.ones((1, 4, 4))
    masks[0, 0, 0] = value
    (found,) = maps.check_masks({"masks": masks})
    assert (found.kind, found.detail) == (kinds.MASK_NOT_BINARY, "row 0")


def test_the_share_of_missing_depth():
    depth = np.ones((10, 10))
    depth[:3] = np.nan
    (found,) = maps.check_depth({"depth": depth})
    assert found == (kinds.DEPTH_MISSING, "depth", "30.0% of the pixels")
