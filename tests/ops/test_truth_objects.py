"""The truth of detection."""

import numpy as np
import pytest
from keras import ops

from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
)


def truth(**more):
    boxes = [[[0, 0, 4, 4], [2, 2, 6, 6], [0, 0, 0, 0]]]
    fields = {"boxes": boxes, "classes": [[0, 2, -1]], **more}
    return {name: np.array(field, "float32") for name, field in fields.items()}


def read(y):
    return [
        None if x is None else ops.convert_to_numpy(x) for x in read_objects(y)
    ]


def test_padding_is_no_object():
    boxes, classes, present, ignored, annotated, labelled = read(truth())
    assert present.tolist() == [[True, True, False]]
    assert classes.tolist() == [[0, 2, 0]]
    assert not ignored.any()
    assert annotated is None
    assert labelled.tolist() == [True]
    assert boxes[0, 1].tolist() == [2, 2, 6, 6]


@pytest.mark.parametrize("field", ["crowd", "difficult"])
def test_crowds_and_difficult_objects_are_neither(field):
    _, _, present, ignored, *_ = read(truth(**{field: [[0, 1, -1]]}))
    assert present.tolist() == [[True, False, False]]
    assert ignored.tolist() == [[False, True, False]]


def test_a_box_without_area_is_no_object():
    y = truth()
    y["boxes"][0, 0] = [3, 3, 3, 9]
    assert read(y)[2].tolist() == [[False, True, False]]


def test_zeros_in_place_of_a_missing_label_are_told_apart():
    y = {"boxes": np.zeros((2, 3, 4)), "classes": np.zeros((2, 3))}
    y["classes"][1] = -1  # an image without any object
    assert read(y)[5].tolist() == [False, True]


def test_nan_is_a_missing_label():
    y = truth()
    y["boxes"][:] = np.nan
    assert ops.convert_to_numpy(labelled_objects(y)).tolist() == [False]


def test_annotated_classes():
    assert read(truth(annotated=[[1, 0, 1]]))[4].tolist() == [[1, 0, 1]]


def test_nan_in_padding_is_none_in_the_label():
    y = truth()
    y["boxes"][0, 2, 1] = np.nan
    assert ops.convert_to_numpy(labelled_objects(y)).tolist() == [True]
    y["boxes"][0, 1, 1] = np.nan
    assert ops.convert_to_numpy(labelled_objects(y)).tolist() == [False]
    # So is a missing label in a batch.
    y = {"boxes": np.full((1, 2, 4), np.nan), "classes": [[-1, -1]]}
    assert ops.convert_to_numpy(labelled_objects(y)).tolist() == [False]


def test_no_row_becomes_one_of_padding():
    y = {"boxes": np.zeros((2, 0, 4)), "classes": np.zeros((2, 0), "uint8")}
    y["crowd"] = np.zeros((2, 0), bool)
    boxes, classes, present, ignored, _, labelled = read(y)
    assert boxes.shape == (2, 1, 4)
    assert classes.tolist() == [[0], [0]]
    assert not present.any()
    assert not ignored.any()
    assert labelled.all()
    assert ops.convert_to_numpy(labelled_objects(y)).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 3, 99])
def test_what_is_no_class_is_padding(wrong):
    y = truth(crowd=[[1, 0, 0]])
    y["classes"][0, :2] = wrong
    objects = read_objects(y, 3)
    assert not ops.convert_to_numpy(objects.present).any()
    assert not ops.convert_to_numpy(objects.ignored).any()
    assert not ops.convert_to_numpy(objects.boxes).any()


def test_average_by_batch_is_the_sum_over_the_count_of_the_batch():
    generator = np.random.default_rng(0)
    sums, counts = generator.random(5), np.array([3.0, 0, 1, 7, 2])
    labelled = np.array([1, 1, 0, 1, 1], bool)
    values = average_over_objects(sums, counts, labelled, by="batch")
    mean = ops.convert_to_numpy(values)[labelled].mean()
    expected = sums[labelled].sum() / counts[labelled].sum()
    np.testing.assert_allclose(mean, expected, rtol=1e-6)


def test_unknown_normalization():
    with pytest.raises(ValueError, match="'image' or 'batch'"):
        average_over_objects([1.0], [1.0], [True], by="box")
