from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import non_max_suppression, soft_non_max_suppression

# The CPU kernel of mmcv, offset 0.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "soft_nms.npz")
BOXES, SCORES = VECTORS["small/boxes"], VECTORS["small/scores"]
NAN, INF = np.nan, np.inf


def of_one_image(boxes, scores, classes=None, max_outputs=15, **options):
    """Indices and scores of one image, without padding."""
    indices, values = to_numpy(
        soft_non_max_suppression(
            np.asarray(boxes)[None],
            np.asarray(scores)[None],
            classes=None if classes is None else np.asarray(classes)[None],
            max_outputs=max_outputs,
            **options,
        )
    )
    assert indices.shape == values.shape == (1, max_outputs)
    assert (indices.dtype, values.dtype) == ("int32", "float32")
    count = (indices[0] >= 0).sum()
    assert (indices[0, count:] == -1).all()
    assert (values[0, count:] == 0).all()
    return indices[0, :count].tolist(), values[0, :count]


def definition(boxes, scores, classes, method, score_threshold):
    """The definition in float64; sigma and IoU threshold at their defaults."""
    boxes, scores = boxes.astype("float64"), scores.astype("float64")
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    scores[scores < score_threshold] = -1
    chosen, values = [], []
    while scores.max() >= 0:
        best = scores.argmax()
        chosen.append(int(best))
        values.append(scores[best])
        low = np.maximum(boxes[best, :2], boxes[:, :2])
        high = np.minimum(boxes[best, 2:], boxes[:, 2:])
        inter = np.prod(np.maximum(high - low, 0), axis=1)
        with np.errstate(invalid="ignore"):
            iou = np.nan_to_num(inter / (area[best] + area - inter))
        weight = np.exp(-(iou**2) / 0.5)
        if method == "linear":
            weight = np.where(iou >= 0.3, 1 - iou, 1)
        scores *= np.where(classes == classes[best], weight, 1)
        scores[scores < score_threshold] = -1
        scores[best] = -1
    return chosen, values


@pytest.mark.parametrize("method", ["linear", "gaussian"])
@pytest.mark.parametrize(
    "options",
    [
        {"iou_threshold": 0.3, "sigma": 0.5, "score_threshold": 0.001},
        {"iou_threshold": 0.5, "sigma": 0.5, "score_threshold": 0.05},
    ],
)
def test_indices_and_scores_of_mmcv(method, options):
    key = "small/{}_iou{iou_threshold}_sig{sigma}_min{score_threshold}".format(
        method, **options
    )
    chosen, values = of_one_image(BOXES, SCORES, method=method, **options)
    assert chosen == VECTORS[f"{key}/inds"].tolist()
    expected = VECTORS[f"{key}/dets"]
    np.testing.assert_allclose(values, expected[:, 4], rtol=1e-5)
    chosen, values = of_one_image(
        BOXES, SCORES, max_outputs=4, method=method, **options
    )
    assert chosen == VECTORS[f"{key}/inds"][:4].tolist()


some_boxes = arrays(
    "float32", (12, 4), elements=st.floats(0, 100, width=16)
).map(lambda x: np.sort(x.reshape(12, 2, 2), axis=1).reshape(12, 4))
some_classes = arrays("int32", 12, elements=st.integers(0, 1))


@pytest.mark.parametrize("method", ["linear", "gaussian"])
def test_is_the_definition(method):
    @cases(40)
    @given(some_boxes, st.integers(0, 10**6), some_classes)
    def check(boxes, seed, classes):
        scores = np.random.default_rng(seed).uniform(0, 1, 12)
        scores = scores.astype("float32")
        found = of_one_image(boxes, scores, classes, method=method)
        expected = definition(boxes, scores, classes, method, 0.001)
        count = len(expected[0])
        assert abs(len(found[0]) - count) <= 1  # a score at the threshold
        np.testing.assert_allclose(
            found[1][:count], expected[1][: len(found[1])], rtol=1e-4, atol=1e-5
        )

    check()


def test_without_overlap_nothing_decays():
    boxes = 10.0 * np.arange(5)[:, None] + [0, 0, 5, 5]
    for method in ("linear", "gaussian"):
        chosen, values = of_one_image(
            boxes, [0.5, 0.9, 0.5, 1.0, 0.0005], method=method
        )
        assert chosen == [3, 1, 0, 2]  # the lower index of two equal ones
        np.testing.assert_array_equal(values, np.float32([1, 0.9, 0.5, 0.5]))


def test_a_steep_decay_is_hard_suppression():
    hard = non_max_suppression(
        BOXES[None], SCORES[None], max_outputs=15, iou_threshold=0
    )
    soft, values = soft_non_max_suppression(
        BOXES[None], SCORES[None], max_outputs=15, method="gaussian", sigma=0
    )
    np.testing.assert_array_equal(to_numpy(soft), to_numpy(hard))
    kept = to_numpy(soft)[0]
    np.testing.assert_array_equal(
        to_numpy(values)[0], np.where(kept >= 0, SCORES[kept], 0)
    )


@pytest.mark.parametrize("method", ["linear", "gaussian"])
@pytest.mark.parametrize(
    ("box", "score", "label"),
    [
        ([0, 0, 99, 99], NAN, 0),
        ([0, 0, 99, 99], 5.0, -1),
        ([NAN, 0, 99, 99], 5.0, 0),
        ([0, 0, INF, 99], 5.0, 0),
    ],
)
def test_padding_and_broken_rows_have_no_effect(method, box, score, label):
    rows = np.arange(12)
    expected = of_one_image(BOXES, SCORES, rows * 0, method=method)
    boxes = np.insert(BOXES, [0, 7, 12], [box], axis=0)
    scores = np.insert(SCORES, [0, 7, 12], score)
    labels = np.insert(rows * 0, [0, 7, 12], label)
    rows = np.insert(rows, [0, 7, 12], -9)
    chosen, values = of_one_image(boxes, scores, labels, method=method)
    assert rows[chosen].tolist() == expected[0]
    np.testing.assert_array_equal(values, expected[1])


def test_boxes_without_area_decay_nothing():
    boxes = np.array([[3, 3, 3, 3]] * 2 + [[0, 0, 9, 9]])
    for method in ("linear", "gaussian"):
        chosen, values = of_one_image(boxes, [0.9, 0.8, 0.7], method=method)
        assert chosen == [0, 1, 2]
        np.testing.assert_array_equal(values, np.float32([0.9, 0.8, 0.7]))


def test_nothing_to_choose():
    for shape in ((2, 0), (0, 5)):
        indices, values = soft_non_max_suppression(
            np.zeros((*shape, 4)), np.zeros(shape), max_outputs=3
        )
        assert (to_numpy(indices) == -np.ones((shape[0], 3))).all()
        assert (to_numpy(values) == np.zeros((shape[0], 3))).all()


def test_images_and_compilation():
    boxes = np.stack([BOXES, BOXES[::-1] / 2])
    scores = np.stack([SCORES, SCORES]).astype("float16")
    function = compiled(
        lambda boxes, scores: soft_non_max_suppression(
            boxes, scores, max_outputs=7
        )
    )
    indices, values = to_numpy(function(boxes, scores))
    for image in range(2):
        expected = of_one_image(boxes[image], scores[image], max_outputs=7)
        assert indices[image].tolist() == expected[0]
        np.testing.assert_allclose(values[image], expected[1], rtol=1e-6)


def test_model(tmp_path):
    boxes, scores = keras.Input((12, 4)), keras.Input((12,))
    outputs = soft_non_max_suppression(
        boxes,
        scores,
        max_outputs=9,
        method="gaussian",
        sigma=0.4,
        iou_threshold=0.1,
        score_threshold=0.2,
    )
    assert [x.shape for x in outputs] == [(None, 9)] * 2
    model = keras.Model([boxes, scores], outputs)
    model.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    arrays = [np.stack([x] * 3) for x in (BOXES, SCORES)]
    indices, values = model.predict(arrays, batch_size=2, verbose=0)
    assert indices.shape == values.shape == (3, 9)
    chosen, expected = of_one_image(
        BOXES,
        SCORES,
        max_outputs=9,
        method="gaussian",
        sigma=0.4,
        score_threshold=0.2,
    )
    assert indices[2, : len(chosen)].tolist() == chosen
    np.testing.assert_allclose(values[2, : len(chosen)], expected, rtol=1e-6)


def test_no_gradient():
    def total(scores):
        values = soft_non_max_suppression(BOXES[None], scores, max_outputs=4)[1]
        return keras.ops.sum(values) + keras.ops.sum(scores)

    assert (gradient(total, SCORES[None]) == 1).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"boxes": np.ones((2, 5, 5))}, "boxes.*5, 5"),
        ({"scores": np.ones((2, 6))}, "scores.*2, 6"),
        ({"max_outputs": 0}, "max_outputs"),
        ({"method": "cubic"}, "cubic"),
        ({"sigma": -1}, "sigma"),
        ({"iou_threshold": 2}, "iou_threshold"),
        ({"score_threshold": None}, "score_threshold"),
    ],
)
def test_errors(changes, message):
    arguments = {"boxes": np.ones((2, 5, 4)), "scores": np.ones((2, 5))}
    with pytest.raises(ValueError, match=message):
        soft_non_max_suppression(**{**arguments, "max_outputs": 3, **changes})
