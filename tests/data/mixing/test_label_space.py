import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.mixing import label_space

OWN = ["cat", "dog", "sofa"]
COMMON = ["sofa", "animal", "cow"]
RENAMED = {"cat": "animal", "dog": "animal"}


def test_numbers_by_name():
    numbers = label_space.class_numbers(OWN, COMMON, RENAMED, "")
    assert numbers.tolist() == [1, 1, 0]
    numbers = label_space.class_numbers(
        OWN, COMMON, {**RENAMED, "sofa": None}, ""
    )
    assert numbers.tolist() == [1, 1, -1]


@given(st.permutations(range(5)), st.permutations(range(5)))
def test_there_and_back(first, second):
    first, second = ([f"c{k}" for k in names] for names in (first, second))
    there = label_space.class_numbers(first, second, {}, "")
    back = label_space.class_numbers(second, first, {}, "")
    values = np.array([[0, 3, -1], [4, 2, 1]])
    found = label_space.translate_numbers(values, there, "")
    names = [[second[k] if k >= 0 else None for k in row] for row in found]
    assert names == [[first[k] if k >= 0 else None for k in r] for r in values]
    np.testing.assert_array_equal(
        label_space.translate_numbers(found, back, ""), values
    )


@pytest.mark.parametrize(
    ("common", "renamed", "message"),
    [
        (COMMON, {**RENAMED, "dgo": "cow"}, "'dgo'.*Did you mean 'dog'"),
        (COMMON, {"cat": "animals"}, "'animals'.*Did you mean 'animal'"),
        (["cat", "dog"], {}, "VOC: the class 'sofa' is none of the common"),
    ],
)
def test_unknown_names(common, renamed, message):
    with pytest.raises(ValueError, match=message):
        label_space.class_numbers(OWN, common, renamed, "VOC")


def test_ignored_pixels_stay():
    numbers = np.array([2, -1])
    found = label_space.translate_numbers(
        np.array([[0, 1, 255, -1]]), numbers, ""
    )
    assert found.tolist() == [[2, -1, 255, -1]]


def test_numbers_beyond_the_classes():
    for value in (np.array([0, 2]), np.array([[0, 2]]), np.array([255])):
        with pytest.raises(ValueError, match="road holds the class number"):
            label_space.translate_numbers(value, np.array([0, 1]), "road")


def test_annotated_classes_are_those_that_any_class_becomes():
    numbers = label_space.class_numbers(OWN, COMMON, RENAMED, "")
    annotated = label_space.annotated_classes(numbers, 3)
    assert annotated.tolist() == [1, 1, 0]
