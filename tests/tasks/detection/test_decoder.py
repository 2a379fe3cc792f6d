import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.layers import check_layer
from batteries.properties import cases
from mtvision.ops.box_deltas import encode_boxes
from mtvision.tasks.detection import DecodeDetections
from mtvision.tasks.detection.columns import join


def rows(boxes, logits, weights=(1.0, 1.0, 1.0, 1.0)):
    """Outputs (1, A, ...) of a head that found such boxes."""
    boxes = np.asarray(boxes, "float32")
    anchors = boxes + np.array([-2, 1, 3, 2], "float32")
    deltas = to_numpy(encode_boxes(boxes, anchors, weights=weights))
    return to_numpy(join(deltas[None], np.asarray(logits)[None], anchors))


def test_is_a_proper_layer():
    random = np.random.default_rng(0)
    boxes = random.uniform(0, 20, (2, 9, 4))
    boxes[..., 2:] += 20
    parts = [random.normal(size=(2, 9, k)) * 0.3 for k in (4, 4)]
    outputs = np.concatenate([*parts, boxes], -1).astype("float32")
    arguments = {
        "max_detections": 5,
        "score_threshold": 0.1,
        "iou_threshold": 0.3,
        "num_candidates": 7,
        "activation": "softmax",
        "delta_weights": (10.0, 10.0, 5.0, 5.0),
    }
    found = check_layer(
        DecodeDetections, arguments, outputs, differentiable=False
    )
    assert found["boxes"].shape == (2, 5, 4)
    assert (np.diff(found["scores"], axis=1) <= 0).all()


def test_sigmoid_scores_and_boxes_by_class():
    boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [30, 30, 50, 40], [0, 0, 5, 5]]
    logits = [[2.0, -9], [1.0, 3.0], [-9, 0.5], [-9, -9]]
    found = to_numpy(DecodeDetections(max_detections=5)(rows(boxes, logits)))
    assert found["classes"].tolist() == [[1, 0, 1, -1, -1]]
    scores = 1 / (1 + np.exp(-np.array([3.0, 2.0, 0.5])))
    np.testing.assert_allclose(found["scores"][0, :3], scores, rtol=1e-5)
    expected = np.array([boxes[1], boxes[0], boxes[2]])
    np.testing.assert_allclose(found["boxes"][0, :3], expected, atol=1e-4)
    assert not found["boxes"][0, 3:].any()


def test_softmax_leaves_the_background_out():
    weights = (10.0, 10.0, 5.0, 5.0)
    boxes = [[0, 0, 10, 10], [30, 30, 50, 40], [60, 0, 70, 9]]
    logits = np.array([[1.0, 2.0, 0.0], [9.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    decode = DecodeDetections(
        max_detections=6, activation="softmax", delta_weights=weights
    )
    found = to_numpy(decode(rows(boxes, logits, weights)))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = np.sort(p[:, 1:][p[:, 1:] > 0.05])[::-1]
    np.testing.assert_allclose(
        found["scores"][0, : len(expected)], expected, rtol=1e-5
    )
    assert found["classes"][0].tolist() == [0, 1, 0, 1, -1, -1]
    np.testing.assert_allclose(found["boxes"][0, 0], boxes[0], atol=1e-4)


def test_boxes_are_cut_at_the_image():
    outputs = rows([[-5, -5, 10, 10], [80, 30, 120, 60]], [[2.0], [1.0]])
    image = np.zeros((1, 50, 100, 3), "float32")
    found = to_numpy(DecodeDetections(max_detections=2)(outputs, image))
    np.testing.assert_allclose(
        found["boxes"][0], [[0, 0, 10, 10], [80, 30, 100, 50]], atol=1e-4
    )


@cases(15)
@given(seed=st.integers(0, 999), number=st.integers(1, 40))
def test_fewer_candidates_keep_the_best(seed, number):
    random = np.random.default_rng(seed)
    first = random.uniform(0, 90, (12, 2))
    boxes = np.concatenate([first, first + 10], 1)
    outputs = rows(boxes, random.normal(size=(12, 3)))
    options = {"max_detections": 40, "score_threshold": 0.0}
    few = DecodeDetections(num_candidates=number, **options)(outputs)
    few, every = to_numpy((few, DecodeDetections(**options)(outputs)))
    count = (few["classes"] >= 0).sum()
    assert 0 < count <= number
    # Greedy: what is suppressed by fewer is suppressed by all, too.
    np.testing.assert_allclose(
        few["scores"][0, :count], every["scores"][0, :count], rtol=1e-5
    )


def test_images_of_any_size():
    """The number of anchors is not known, and less than of candidates."""
    symbolic = keras.Input((None, 10))
    model = keras.Model(symbolic, DecodeDetections()(symbolic))
    outputs = rows([[0, 0, 9, 9]], [[1.0, -9.0]])
    found = model.predict(outputs, verbose=0)
    assert found["classes"].shape == (1, 100)
    assert found["classes"][0, :2].tolist() == [0, -1]


@pytest.mark.parametrize(
    "options",
    [{"activation": "tanh"}, {"max_detections": 0}, {"num_candidates": 0}],
)
def test_options_are_checked(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        DecodeDetections(**options)
