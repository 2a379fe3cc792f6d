"""The loss in loops over anchors, in float64, and in mtvision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from batteries.properties import cases
from mtvision.tasks.yolo import CellAnchorAssigner, YOLOLoss
from mtvision.tasks.yolo.columns import join

CLASSES = 3
# Two levels over 32 x 64 pixels: 2 x 4 cells of 16 with two anchors each, and
# one row of 2 cells of 32 with one.
SIZES = {16: [(8, 8), (20, 10)], 32: [(40, 24)]}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy(label, logit):
    p = sigmoid(logit)
    return -label * np.log(p) - (1 - label) * np.log(1 - p)


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return width * height / (sum(areas) - width * height)


def grid():
    """(cell, size) of each anchor, in the order of the head."""
    return [
        ((x, y, x + stride, y + stride), size)
        for stride, sizes in SIZES.items()
        for y in range(0, 32, stride)
        for x in range(0, 64, stride)
        for size in sizes
    ]


def make_predictions(seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    cells, sizes = (np.array(x, "float32") for x in zip(*grid()))
    raw = rng.normal(size=(3, len(cells), 5 + CLASSES)) * scale
    raw = raw.astype("float32")
    return to_numpy(
        join(raw[..., 0], raw[..., 1:-4], raw[..., -4:], cells, sizes)
    )


def make_truth():
    """Three objects that want one anchor, another, padding; none at all; a
    crowd and a class that is not annotated.
    """
    boxes = np.zeros((3, 5, 4), "float32")
    classes = np.full((3, 5), -1)
    boxes[0, :4] = [
        [2, 3, 9, 12],
        [4, 2, 13, 10],
        [20, 4, 60, 30],
        [1, 1, 5, 3],
    ]
    classes[0, :4] = [2, 0, 1, 0]
    boxes[2, :3] = [[40, 10, 60, 20], [2, 2, 30, 26], [50, 18, 57, 30]]
    classes[2, :3] = [1, 0, 2]
    crowd = np.zeros((3, 5))
    crowd[2, 1] = 1
    annotated = np.ones((3, CLASSES))
    annotated[2, 0] = 0
    return {
        "boxes": boxes,
        "classes": classes,
        "crowd": crowd,
        "annotated": annotated,
    }


def decoded(row, cell, size):
    x = cell[0] + sigmoid(row[-10]) * (cell[2] - cell[0])
    y = cell[1] + sigmoid(row[-9]) * (cell[3] - cell[1])
    w, h = size[0] * np.exp(row[-8]), size[1] * np.exp(row[-7])
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def choose(truth, predictions, threshold=0.6):
    """{(b, anchor): (class, box, IoU)} and the anchors that teach nothing."""
    matched, silent = {}, set()
    for b, rows in enumerate(predictions.astype("float64")):
        for m, (box, label) in enumerate(
            zip(truth["boxes"][b].astype("float64"), truth["classes"][b])
        ):
            if label < 0:
                continue
            is_crowd = bool(truth.get("crowd", np.zeros((3, 5)))[b, m])
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            w, h = box[2] - box[0], box[3] - box[1]
            best, place = -1, None
            for a, (cell, size) in enumerate(grid()):
                found = decoded(rows[a], cell, size)
                if overlap(found, box) >= threshold:
                    silent.add((b, a))
                holds = cell[0] <= x < cell[2] and cell[1] <= y < cell[3]
                cx, cy = (cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2
                inner = box[0] <= cx < box[2] and box[1] <= cy < box[3]
                if is_crowd and (holds or inner):
                    silent.add((b, a))
                common = min(w, size[0]) * min(h, size[1])
                fit = common / (w * h + size[0] * size[1] - common)
                if holds and fit > best:
                    best, place = fit, a
            if not is_crowd and (b, place) not in matched:
                found = decoded(rows[place], *grid()[place])
                matched[b, place] = (label, box, overlap(found, box))
        for a, row in enumerate(rows):
            label = np.argmax(row[1 : 1 + CLASSES])
            if "annotated" in truth and not truth["annotated"][b, label]:
                silent.add((b, a))
    return matched, silent


def total(
    predictions,
    matched,
    silent,
    *,
    coord=5.0,
    obj=1.0,
    noobj=1.0,
    named=1.0,
    objectness_is_iou=False,
):
    values, counts = np.zeros(3), np.zeros(3)
    for b, a in np.ndindex(predictions.shape[:2]):
        row, (cell, size) = predictions[b, a], grid()[a]
        if (b, a) not in matched:
            if (b, a) not in silent:
                values[b] += noobj * cross_entropy(0, row[0])
            continue
        label, box, iou = matched[b, a]
        counts[b] += 1
        aim = iou if objectness_is_iou else 1
        values[b] += obj * cross_entropy(aim, row[0])
        for c in range(CLASSES):
            values[b] += named * cross_entropy(float(c == label), row[1 + c])
        w, h = box[2] - box[0], box[3] - box[1]
        goal = (
            ((box[0] + box[2]) / 2 - cell[0]) / (cell[2] - cell[0]),
            ((box[1] + box[3]) / 2 - cell[1]) / (cell[3] - cell[1]),
            np.log(w / size[0]),
            np.log(h / size[1]),
        )
        found = (*sigmoid(row[-10:-8]), *row[-8:-6])
        errors = sum((g - f) ** 2 for g, f in zip(goal, found))
        values[b] += coord * (2 - w * h / (32 * 64)) * errors
    return values / np.maximum(counts, 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("objectness_is_iou", [True, False])
def test_equals_loops_over_anchors(seed, objectness_is_iou):
    truth, predictions = make_truth(), make_predictions(seed)
    loss = YOLOLoss(objectness_is_iou=objectness_is_iou, reduction=None)
    chosen = choose(truth, predictions)
    assert len(chosen[0]) == 4  # three objects of image 0 want one anchor
    expected = total(
        predictions.astype("float64"),
        *chosen,
        objectness_is_iou=objectness_is_iou,
    )
    np.testing.assert_allclose(
        to_numpy(loss(truth, predictions)), expected, rtol=1e-4
    )


def test_gradients_equal_finite_differences():
    truth, predictions = make_truth(), make_predictions(5)
    chosen = choose(truth, predictions)
    exact = predictions.astype("float64")
    slopes = np.zeros_like(exact)
    for place in np.ndindex(exact.shape):
        if place[2] >= 1 + CLASSES + 4:
            continue  # cells and sizes are constants
        step = np.zeros_like(exact)
        step[place] = 1e-5
        up, down = (total(exact + s, *chosen).sum() for s in (step, -step))
        slopes[place] = (up - down) / 2e-5
    loss = YOLOLoss(reduction=None)
    found = gradient(lambda p: loss(truth, p), predictions)
    np.testing.assert_allclose(
        found[..., : 1 + CLASSES + 4],
        slopes[..., : 1 + CLASSES + 4],
        rtol=1e-3,
        atol=1e-4,
    )


def test_properties():
    options = {
        "assigner": CellAnchorAssigner(ignore_iou=0.3),
        "lambda_coord": 2.0,
        "lambda_obj": 3.0,
        "lambda_noobj": 0.7,
        "lambda_class": 0.4,
        "objectness_is_iou": True,
        "normalize_by": "batch",
        "name": "my_loss",
    }
    check_loss(YOLOLoss, options, make_truth(), make_predictions())


def test_weights():
    truth, predictions = make_truth(), make_predictions()
    chosen = choose(truth, predictions, threshold=0.3)
    loss = YOLOLoss(
        assigner=CellAnchorAssigner(ignore_iou=0.3),
        lambda_coord=2.0,
        lambda_obj=3.0,
        lambda_noobj=0.7,
        lambda_class=0.4,
        reduction=None,
    )
    expected = total(
        predictions.astype("float64"),
        *chosen,
        coord=2.0,
        obj=3.0,
        noobj=0.7,
        named=0.4,
    )
    np.testing.assert_allclose(
        to_numpy(loss(truth, predictions)), expected, rtol=1e-4
    )


def test_batch_normalization():
    truth, predictions = make_truth(), make_predictions()
    each = to_numpy(YOLOLoss(reduction=None)(truth, predictions))
    by_batch = YOLOLoss(normalize_by="batch", reduction=None)
    np.testing.assert_allclose(
        to_numpy(by_batch(truth, predictions)),
        each * [2, 1, 2] * 3 / 4,
        rtol=1e-5,
    )


def test_images_without_objects_teach_background():
    predictions = make_predictions()[:1]
    empty = {"boxes": np.zeros((1, 2, 4)), "classes": np.full((1, 2), -1)}
    none = {"boxes": np.zeros((1, 0, 4)), "classes": np.zeros((1, 0))}
    loss = YOLOLoss()
    slope = gradient(lambda p: loss(empty, p), predictions)
    np.testing.assert_allclose(
        slope[..., 0], sigmoid(predictions[..., 0]), rtol=1e-5
    )
    assert (slope[..., 1:] == 0).all()
    assert float(loss(none, predictions)) == pytest.approx(
        float(loss(empty, predictions))
    )


@pytest.mark.parametrize("scale", [0.0, 100.0])
def test_extreme_predictions(scale):
    predictions = make_predictions(scale=scale)
    loss = YOLOLoss(objectness_is_iou=True, reduction=None)
    truth = make_truth()
    assert np.isfinite(to_numpy(loss(truth, predictions))).all()
    slope = gradient(lambda p: loss(truth, p), predictions)
    assert np.isfinite(slope).all()


@cases(15)
@given(
    st.integers(0, 2**31),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_padding_changes_nothing(seed, real):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 24, (1, 5, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(1, 8, (1, 5, 2))], -1)
    classes = rng.integers(0, CLASSES, (1, 5))
    real = np.array(real)
    padded = {
        "boxes": np.where(real[:, None], boxes, 0),
        "classes": np.where(real, classes, -1),
    }
    short = {"boxes": boxes[:, real], "classes": classes[:, real]}
    predictions = make_predictions(seed % 100)[:1]
    assert float(YOLOLoss()(padded, predictions)) == pytest.approx(
        float(YOLOLoss()(short, predictions)), rel=1e-5
    )


def test_bad_input():
    truth, predictions = make_truth(), make_predictions()
    truth["annotated"][:] = 1
    loss = YOLOLoss()
    loss.check_truth(truth, predictions)
    truth["classes"][2, 0] = CLASSES
    with pytest.raises(ValueError, match="sample 2 has the class 3"):
        loss.check_truth(truth, predictions)
    assert np.isfinite(float(loss(truth, predictions)))
    with pytest.raises(ValueError, match=r"\(B, A, 11 \+ C\)"):
        loss(truth, predictions[..., :11])
    with pytest.raises(ValueError, match="Expected a truth with 'boxes'"):
        loss(truth["boxes"], predictions)
    with pytest.raises(ValueError, match="lambda_class"):
        YOLOLoss(lambda_class=-1.0)
    with pytest.raises(ValueError, match="'image' or 'batch'"):
        YOLOLoss(normalize_by=None)


def test_labels():
    truth = make_truth()
    truth["boxes"][1] = np.nan
    assert to_numpy(YOLOLoss().labelled(truth)).tolist() == [True, False, True]
    assert np.isnan(YOLOLoss().truth_boxes(make_truth())[1]).all()
