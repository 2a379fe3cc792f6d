"""Detections from dense scores."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.properties import cases
from mtvision.ops import detections


def as_numpy(values):
    return keras.tree.map_structure(ops.convert_to_numpy, values)


@cases(20)
@given(
    seed=st.integers(0, 99),
    places=st.integers(1, 9),
    classes=st.integers(1, 4),
    number=st.integers(1, 12),
)
def test_candidates_are_the_best_pairs(seed, places, classes, number):
    scores = np.random.default_rng(seed).random((2, places, classes))
    scores = scores.astype("float32")
    best, rows, columns = as_numpy(detections.top_candidates(scores, number))
    number = min(number, places * classes)
    assert best.shape == (2, number)
    expected = -np.sort(-scores.reshape(2, -1))[:, :number]
    np.testing.assert_array_equal(best, expected)
    for b in range(2):
        np.testing.assert_array_equal(scores[b, rows[b], columns[b]], best[b])


def test_fewer_places_than_candidates_when_their_number_is_not_known():
    scores = keras.Input((None, 2))
    deltas = keras.Input((None, 4))

    class Detect(keras.layers.Layer):
        def call(self, scores, boxes):
            best, places, classes = detections.top_candidates(scores, 8)
            boxes = detections.take_rows(boxes, places)
            return detections.suppress(boxes, best, classes, max_detections=4)

        def compute_output_spec(self, scores, boxes):
            return {
                "boxes": keras.KerasTensor((None, 4, 4)),
                "scores": keras.KerasTensor((None, 4)),
                "classes": keras.KerasTensor((None, 4), "int32"),
            }

    model = keras.Model([scores, deltas], Detect()(scores, deltas))
    boxes = np.array([[[0, 0, 4, 4], [10, 10, 14, 14]]], "float32")
    values = np.array([[[0.1, 0.9], [0.8, 0.2]]], "float32")
    found = as_numpy(model([values, boxes]))
    assert found["classes"].tolist() == [[1, 0, 1, 0]]
    np.testing.assert_allclose(found["scores"], [[0.9, 0.8, 0.2, 0.1]])
    np.testing.assert_array_equal(found["boxes"][0, 0], boxes[0, 0])
    np.testing.assert_array_equal(found["boxes"][0, 2], boxes[0, 1])


def test_padding_is_class_minus_one_and_zeros():
    boxes = np.array([[[0.0, 0, 9, 9], [1, 0, 9, 9]]])
    found = detections.suppress(
        boxes, [[0.9, 0.8]], [[2, 2]], max_detections=3, score_threshold=0.5
    )
    found = as_numpy(found)
    assert found["classes"].tolist() == [[2, -1, -1]]
    assert found["scores"][0, 1:].tolist() == [0, 0]
    assert not found["boxes"][0, 1:].any()
    assert found["classes"].dtype == np.int32


def test_classes_do_not_suppress_each_other():
    boxes = np.array([[[0.0, 0, 9, 9], [0, 0, 9, 9]]])
    found = detections.suppress(boxes, [[0.9, 0.8]], [[0, 1]], max_detections=2)
    assert as_numpy(found["classes"]).tolist() == [[0, 1]]


def test_boxes_without_area_are_no_detections():
    """The next best take their place."""
    flat, inverted = [0, 5, 9, 5], [9, 9, 0, 0]
    boxes = [flat, [0, 0, 9, 9], inverted, [np.nan] * 4, [20, 0, 29, 9]]
    boxes, classes = np.array([boxes], "float32"), np.zeros((1, 5), int)
    scores = np.array([[0.9, 0.8, 0.7, 0.6, 0.5]], "float32")
    expected = detections.take_detections(boxes, scores, classes, [[1, 4]])
    expected = as_numpy(expected)
    assert expected["scores"][0].tolist() == scores[0, [1, 4]].tolist()
    suppressed = detections.suppress(boxes, scores, classes, max_detections=2)
    for name, field in as_numpy(suppressed).items():
        np.testing.assert_array_equal(field, expected[name])
    order = [[0, 1, -1, 2, 4, 3]]
    taken = detections.take_detections(boxes, scores, classes, order)
    for name, field in as_numpy(taken).items():
        np.testing.assert_array_equal(field[:, :2], expected[name])
        assert (field[:, 2:] == (-1 if name == "classes" else 0)).all()


@pytest.mark.parametrize("rows", [[[0]], [[1, 0, 1]]])
def test_rows(rows):
    values = np.arange(6.0).reshape(1, 2, 3)
    picked = as_numpy(detections.take_rows(values, rows))
    np.testing.assert_array_equal(picked[0], values[0, rows[0]])
