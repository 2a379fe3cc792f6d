"""The truth of detection."""

import numpy as np
import pytest
from keras import ops

from mtvision.ops.truth_objects import (
    average_over_objects,
    check_objects,
    labelled_objects,
    object_boxes,
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
    check_objects(truth(annotated=[[1, 0, 1]]), 3)
    with pytest.raises(ValueError, match="sample 0 .* not annotated"):
        check_objects(truth(annotated=[[1, 1, 0]]), 3)
    with pytest.raises(ValueError, match="2 columns.* 3 classes"):
        check_objects(truth(annotated=[[1, 1]]), 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 3)), "no dict"),
        ({"boxes": np.zeros((2, 3, 4))}, r"received \['boxes'\]"),
        ({"boxes": np.zeros((2, 4)), "classes": np.zeros((2, 3))}, "'boxes'"),
        (
            {"boxes": np.zeros((2, 3, 4)), "classes": np.zeros((2, 3, 1))},
            "'classes' of shape",
        ),
    ],
)
def test_malformed_truths(wrong, message):
    with pytest.raises(ValueError, match=message):
        read_objects(wrong)


def test_a_class_out_of_range_names_the_sample():
    with pytest.raises(ValueError, match="sample 0 has the class 2"):
        check_objects(truth(), 2)


def test_boxes_to_be_checked():
    assert np.isnan(object_boxes(truth())[0]).all(1).tolist() == [0, 0, 1]


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
