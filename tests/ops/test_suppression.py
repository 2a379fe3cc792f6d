from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import non_max_suppression, suppression

# torchvision 0.28 nms and batched_nms; ort_multiclass by onnxruntime 1.31.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "nms.npz")
CASES = [key for key in VECTORS.files if "nms_0." in key]
CLASS_CASES = [key for key in VECTORS.files if "batched_0." in key]
NAN, INF = np.nan, np.inf


def kept(boxes, scores, classes=None, max_outputs=30, **options):
    """The indices of one image, without padding, after a check of that.

    Mostly of one shape, as each is compiled anew.
    """
    indices = to_numpy(
        non_max_suppression(
            np.asarray(boxes)[None],
            np.asarray(scores)[None],
            classes=None if classes is None else np.asarray(classes)[None],
            max_outputs=max_outputs,
            **options,
        )
    )
    assert indices.dtype == "int32"
    assert indices.shape == (1, max_outputs)
    count = (indices[0] >= 0).sum()
    assert (indices[0, count:] == -1).all()
    return indices[0, :count].tolist()


def greedy(boxes, scores, classes, iou_threshold):
    """The definition, box by box."""
    boxes = boxes.astype("float32")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    chosen = []
    for i in np.argsort(-scores, kind="stable"):
        for j in chosen:
            low = np.maximum(boxes[i, :2], boxes[j, :2])
            high = np.minimum(boxes[i, 2:], boxes[j, 2:])
            inter = np.prod(np.maximum(high - low, 0))
            with np.errstate(invalid="ignore", divide="ignore"):
                iou = inter / (area[i] + area[j] - inter)
            if classes[i] == classes[j] and float(iou) > iou_threshold:
                break
        else:
            chosen.append(int(i))
    return chosen


def random_boxes(n, seed=0, images=1):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 200, (images, n, 2))
    sides = rng.uniform(4, 60, (images, n, 2))
    boxes = np.concatenate([centres - sides / 2, centres + sides / 2], -1)
    scores = rng.permuted(np.tile(np.linspace(0.01, 1, n), (images, 1)), axis=1)
    return boxes.astype("float32"), scores.astype("float32")


@pytest.mark.parametrize("key", CASES)
def test_indices_of_torchvision(key):
    case, name = key.split("/")
    threshold = float(name.rsplit("_", 1)[1])
    boxes, scores = VECTORS[f"{case}/boxes"], VECTORS[f"{case}/scores"]
    found = kept(boxes, scores, iou_threshold=threshold)
    assert found == VECTORS[key].tolist()
    first = kept(boxes, scores, max_outputs=3, iou_threshold=threshold)
    assert first == VECTORS[key][:3].tolist()


@pytest.mark.parametrize("key", CLASS_CASES)
def test_indices_by_class_of_torchvision(key):
    case, name = key.split("/")
    found = kept(
        VECTORS[f"{case}/boxes"],
        VECTORS[f"{case}/scores"],
        VECTORS[f"{case}/classes"],
        iou_threshold=float(name.removeprefix("batched_")),
    )
    assert found == VECTORS[key].tolist()


def test_indices_of_onnxruntime():
    boxes = VECTORS["ort_multiclass/boxes_xyxy"]
    selected = VECTORS["ort_multiclass/selected_b_c_i"]
    for label in range(4):
        indices = non_max_suppression(
            boxes,
            VECTORS["ort_multiclass/scores_bcn"][:, label],
            max_outputs=7,
            iou_threshold=0.45,
            score_threshold=0.2,
        )
        for image, row in enumerate(to_numpy(indices)):
            here = (selected[:, :2] == (image, label)).all(1)
            assert row[row >= 0].tolist() == selected[here, 2].tolist()


@pytest.mark.parametrize("n", [700, 255, 256])
def test_several_tiles_and_a_full_image(n):
    boxes, scores = random_boxes(n, images=2)
    boxes[1] *= 8  # far fewer overlaps: full before the other image
    limit = 200
    indices = to_numpy(
        non_max_suppression(boxes, scores, max_outputs=limit, iou_threshold=0.3)
    )
    for row, *image in zip(indices, boxes, scores):
        expected = greedy(*image, np.zeros(n), 0.3)[:limit]
        assert row[row >= 0].tolist() == expected
        assert (row[len(expected) :] == -1).all()


def test_pure_form_is_the_form_of_the_backend(monkeypatch):
    boxes, scores = random_boxes(600, images=2)
    scores = np.round(scores, 2)  # ties
    classes = np.random.default_rng(0).integers(-1, 3, scores.shape)
    for labels in (None, classes):
        results = []
        for form in (suppression._suppress, suppression.suppress_in_tiles):
            monkeypatch.setattr(suppression, "_suppress", form)
            results.append(
                to_numpy(
                    non_max_suppression(
                        boxes, scores, max_outputs=150, classes=labels
                    )
                )
            )
        np.testing.assert_array_equal(*results)


def test_a_chain_in_which_each_box_overlaps_the_next():
    left = 4.0 * np.arange(300)
    boxes = np.stack([left, 0 * left, left + 10, 0 * left + 10], 1)
    found = kept(boxes, -left, iou_threshold=0.4, max_outputs=200)
    assert found == list(range(0, 300, 2))


# Quarters of pixels: IoUs at the threshold, ties, inverted and empty boxes.
some_boxes = arrays(
    "float32", (12, 4), elements=st.integers(0, 12).map(lambda i: i / 4)
)
some_scores = arrays("float32", 12, elements=st.integers(0, 6))
some_classes = arrays("int32", 12, elements=st.integers(0, 2))
thresholds = st.sampled_from([0.0, 1 / 3, 0.5])


@cases(60)
@given(some_boxes, some_scores, some_classes, thresholds)
def test_is_the_greedy_definition(boxes, scores, classes, threshold):
    found = kept(boxes, scores, classes, iou_threshold=threshold)
    assert found == greedy(boxes, scores, classes, threshold)


@cases(30)
@given(some_boxes, some_scores, some_classes)
def test_once_more_changes_nothing(boxes, scores, classes):
    found = kept(boxes, scores, classes)
    again = kept(boxes[found], scores[found], classes[found])
    assert again == list(range(len(found)))


@cases(30)
@given(some_boxes, st.permutations(range(12)), st.permutations(range(12)))
def test_order_of_the_boxes_does_not_matter(boxes, scores, order):
    scores, order = np.asarray(scores), np.asarray(order)
    found = kept(boxes[order], scores[order])
    assert order[found].tolist() == kept(boxes, scores)


BROKEN = (
    ([0, 0, 9, 9], NAN, 0),
    ([0, 0, 9, 9], -INF, 0),
    ([0, 0, 9, 9], 5.0, -1),
    ([NAN, 0, 9, 9], 5.0, 0),
    ([0, 0, INF, 9], 5.0, 0),
    ([-INF, -INF, INF, INF], 5.0, 0),
    ([NAN] * 4, NAN, -1),
)


@pytest.mark.parametrize(("box", "score", "label"), BROKEN)
def test_padding_and_broken_rows_have_no_effect(box, score, label):
    boxes, scores = random_boxes(20)
    boxes, scores = boxes[0], scores[0]
    boxes[:3] = [[0, 0, 9, 9], [1, 0, 9, 9], [0, 1, 9, 9]]
    rows = np.arange(20)
    expected = kept(boxes, scores, rows * 0)
    boxes = np.insert(boxes, [0, 7, 20], [box], axis=0).astype("float32")
    scores = np.insert(scores, [0, 7, 20], score).astype("float32")
    labels = np.insert(rows * 0, [0, 7, 20], label)
    rows = np.insert(rows, [0, 7, 20], -9)
    assert rows[kept(boxes, scores, labels)].tolist() == expected


def test_nothing_to_choose():
    nothing = non_max_suppression(
        np.zeros((2, 0, 4)), np.zeros((2, 0)), max_outputs=3
    )
    np.testing.assert_array_equal(to_numpy(nothing), -np.ones((2, 3)))
    assert kept(np.ones((4, 4)), [NAN] * 4) == []
    no_images = non_max_suppression(
        np.zeros((0, 5, 4)), np.zeros((0, 5)), max_outputs=3
    )
    assert to_numpy(no_images).shape == (0, 3)


def test_score_threshold_is_strict_and_infinite_scores_come_first():
    boxes = 10.0 * np.arange(5)[:, None] + [0, 0, 5, 5]
    scores = [0.25, 0.5, INF, 0.75, -INF]
    assert kept(boxes, scores) == [2, 3, 1, 0]
    assert kept(boxes, scores, score_threshold=0.25) == [2, 3, 1]
    assert kept(boxes, [-0.0, 0.0, -0.0, 0.0, 0.0]) == [0, 1, 2, 3, 4]


def test_a_threshold_of_one_drops_nothing_and_huge_boxes_do_no_harm():
    boxes = np.array([[0, 0, 9, 9]] * 3 + [[-3e38, -3e38, 3e38, 3e38]] * 2)
    found = kept(boxes, [0.5, 0.9, 0.7, 0.3, 0.2], iou_threshold=1)
    assert found == [1, 2, 0, 3, 4]


def test_boxes_far_away_keep_their_precision():
    """Neither an offset of classes nor a lower dtype moves a box."""
    boxes = np.array([[1e6, 0, 1e6 + 3, 1], [1e6 + 1, 0, 1e6 + 3, 1]])
    labels = np.array([100000, 100001])
    assert kept(boxes, [1, 0], labels, iou_threshold=0.6) == [0, 1]
    assert kept(boxes, [1, 0], labels * 0, iou_threshold=0.6) == [0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int32", "float64"])
def test_any_dtype_is_computed_in_float32(dtype):
    boxes, scores = random_boxes(30)
    boxes = keras.ops.cast(boxes, dtype)
    scores = keras.ops.cast(100 * scores, dtype)
    found = non_max_suppression(boxes, scores, max_outputs=30)
    boxes, scores = (
        to_numpy(keras.ops.cast(x, "float32"))[0] for x in (boxes, scores)
    )
    found = to_numpy(found)[0]
    assert found[found >= 0].tolist() == kept(boxes, scores)


def test_compiled():
    boxes, scores = random_boxes(40, images=2)
    function = compiled(
        lambda boxes, scores: non_max_suppression(
            boxes, scores, max_outputs=9, score_threshold=0.1
        )
    )
    found = to_numpy(function(boxes, scores))
    for row, *image in zip(found, boxes, scores):
        expected = kept(*image, max_outputs=9, score_threshold=0.1)
        assert row.tolist() == expected


def test_model(tmp_path):
    inputs = {
        "boxes": keras.Input((40, 4)),
        "scores": keras.Input((40,)),
        "classes": keras.Input((40,), dtype="int32"),
    }
    indices = non_max_suppression(
        **inputs, max_outputs=9, iou_threshold=0.3, score_threshold=0.1
    )
    assert indices.shape == (None, 9)
    assert indices.dtype == "int32"
    model = keras.Model(inputs, indices)
    model.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    boxes, scores = random_boxes(40, images=3)
    classes = np.arange(120).reshape(3, 40) % 2
    found = model.predict(
        {"boxes": boxes, "scores": scores, "classes": classes},
        batch_size=2,
        verbose=0,
    )
    for row, *image in zip(found, boxes, scores, classes):
        expected = kept(
            *image, max_outputs=9, iou_threshold=0.3, score_threshold=0.1
        )
        assert row.tolist() == expected


def test_in_a_layer_that_is_called_on_a_symbol():
    class Best(keras.layers.Layer):
        def call(self, boxes):
            return non_max_suppression(boxes, boxes[..., 0], max_outputs=2)

    boxes = keras.Input((5, 4))
    model = keras.Model(boxes, Best()(boxes))
    assert model.output_shape == (None, 2)
    found = model.predict(random_boxes(5, images=3)[0], verbose=0)
    assert found.shape == (3, 2)


def test_no_gradient():
    boxes, scores = random_boxes(10)

    def chosen(boxes):
        indices = non_max_suppression(boxes, scores, max_outputs=4)
        return keras.ops.sum(boxes) + keras.ops.cast(indices, "float32")[0]

    assert (gradient(chosen, boxes) == 4).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"boxes": np.ones((5, 4))}, "rank 3"),
        ({"boxes": np.ones((2, 5, 5))}, "boxes.*5, 5"),
        ({"scores": np.ones((2, 5, 1))}, "scores"),
        ({"scores": np.ones((2, 6))}, "scores.*2, 6"),
        ({"scores": np.ones((3, 5))}, "scores.*3, 5"),
        ({"classes": np.ones((2, 6))}, "classes.*2, 6"),
        ({"max_outputs": 0}, "max_outputs"),
        ({"max_outputs": 2.5}, "max_outputs"),
        ({"iou_threshold": 1.5}, "iou_threshold"),
        ({"iou_threshold": -0.1}, "iou_threshold"),
        ({"iou_threshold": NAN}, "iou_threshold"),
        ({"score_threshold": "high"}, "score_threshold"),
        ({"boxes": keras.KerasTensor((2, None, 4))}, "N known"),
    ],
)
def test_errors(changes, message):
    arguments = {"boxes": np.ones((2, 5, 4)), "scores": np.ones((2, 5))}
    with pytest.raises(ValueError, match=message):
        non_max_suppression(**{**arguments, "max_outputs": 3, **changes})
