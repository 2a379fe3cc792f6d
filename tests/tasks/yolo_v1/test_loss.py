"""The loss as the paper writes it, in loops over cells, and in mtvision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from batteries.properties import cases
from mtvision.tasks.yolo_v1 import YOLOv1Loss

SIZE = (48, 96)  # height, width
GRID, BOXES, CLASSES = 3, 2, 4
LAMBDAS = {"lambda_coord": 5.0, "lambda_obj": 1.0, "lambda_noobj": 0.5}


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    areas = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return common / (sum(areas) - common)


def box_in_pixels(numbers, row, column, size, height, width):
    x = (column + numbers[0]) * width / size
    y = (row + numbers[1]) * height / size
    w = max(numbers[2], 0) ** 2 * width
    h = max(numbers[3], 0) ** 2 * height
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def choose(truth, grids, image_size, boxes_per_cell):
    """What does not move with the predictions: {(b, row, column): (class,
    four numbers to be predicted, responsible box, its IoU)}, and the cells
    that teach no "no object".
    """
    height, width = image_size
    size = grids.shape[1]
    objects, silent = {}, set()
    for b, (boxes, classes) in enumerate(zip(truth["boxes"], truth["classes"])):
        for m, (box, label) in enumerate(zip(boxes.astype(float), classes)):
            if label < 0:
                continue
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            column = min(int(x / width * size), size - 1)
            row = min(int(y / height * size), size - 1)
            flags = [
                truth[f][b, m] for f in ("crowd", "difficult") if f in truth
            ]
            if any(flags):
                silent.add((b, row, column))
                for i in range(size):
                    for j in range(size):
                        cx = (j + 0.5) * width / size
                        cy = (i + 0.5) * height / size
                        if box[0] <= cx < box[2] and box[1] <= cy < box[3]:
                            silent.add((b, i, j))
                continue
            if (b, row, column) in objects:
                continue
            goal = (
                x / width * size - column,
                y / height * size - row,
                np.sqrt((box[2] - box[0]) / width),
                np.sqrt((box[3] - box[1]) / height),
            )
            cell = grids[b, row, column].astype(float)
            ious, distances = [], []
            for k in range(boxes_per_cell):
                numbers = cell[5 * k : 5 * k + 4]
                found = box_in_pixels(numbers, row, column, size, height, width)
                ious.append(overlap(box, found))
                distances.append(sum((goal - numbers) ** 2))
            best = int(np.argmax(ious))
            if max(ious) == 0:
                best = int(np.argmin(distances))
            objects[b, row, column] = (label, goal, best, ious[best])
    return objects, silent | unknown(truth, grids, boxes_per_cell)


def unknown(truth, grids, boxes_per_cell):
    """Cells that speak for a class which is not annotated."""
    if "annotated" not in truth:
        return set()
    batch, size = grids.shape[:2]
    cells = np.ndindex(batch, size, size)
    best = grids[..., 5 * boxes_per_cell :].argmax(axis=-1)
    return {c for c in cells if not truth["annotated"][c[0], best[c]]}


def total(
    grids,
    objects,
    silent,
    boxes_per_cell,
    *,
    lambda_coord,
    lambda_obj,
    lambda_noobj,
    confidence_is_iou=True,
):
    """The loss of each sample, and how many cells have an object."""
    batch, size = grids.shape[:2]
    values, counts = np.zeros(batch), np.zeros(batch)
    for b, row, column in np.ndindex(batch, size, size):
        cell = grids[b, row, column]
        found = objects.get((b, row, column))
        for k in range(boxes_per_cell):
            confidence = cell[5 * k + 4]
            if found is not None and found[2] == k:
                _, goal, _, iou = found
                aim = iou if confidence_is_iou else 1.0
                for i in range(4):
                    error = goal[i] - cell[5 * k + i]
                    values[b] += lambda_coord * error**2
                values[b] += lambda_obj * (aim - confidence) ** 2
            elif (b, row, column) not in silent:
                values[b] += lambda_noobj * confidence**2
        if found is not None:
            counts[b] += 1
            for c, p in enumerate(cell[5 * boxes_per_cell :]):
                values[b] += ((c == found[0]) - p) ** 2
    return values, counts


def make_truth():
    """Two objects in one cell, padding; none at all; a crowd, a difficult
    one and a class that is not annotated.
    """
    boxes = np.zeros((3, 4, 4), "float32")
    classes = np.full((3, 4), -1)
    boxes[0, :3] = [[2, 3, 27, 10], [40, 20, 50, 46], [6, 5, 20, 9]]
    classes[0, :3] = [2, 0, 1]
    boxes[2, :4] = [
        [70, 34, 96, 48],
        [1, 1, 60, 28],
        [80, 1, 90, 11],
        [33, 33, 62, 47],
    ]
    classes[2, :4] = [3, 1, 0, 2]
    flags = np.zeros((3, 4))
    crowd, difficult = flags.copy(), flags.copy()
    crowd[2, 1] = difficult[2, 2] = 1
    annotated = np.ones((3, CLASSES))
    annotated[2, 1] = 0
    return {
        "boxes": boxes,
        "classes": classes,
        "crowd": crowd,
        "difficult": difficult,
        "annotated": annotated,
    }


def make_grids(seed=0):
    rng = np.random.default_rng(seed)
    shape = (3, GRID, GRID, 5 * BOXES + CLASSES)
    return rng.uniform(-0.2, 1.0, shape).astype("float32")


def expected(truth, grids, normalize_by=None, **options):
    options = {**LAMBDAS, **options}
    objects, silent = choose(truth, grids, SIZE, BOXES)
    values, counts = total(grids, objects, silent, BOXES, **options)
    if normalize_by == "image":
        values /= np.maximum(counts, 1)
    return values


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("confidence_is_iou", [True, False])
def test_equals_loops_over_cells(seed, confidence_is_iou):
    truth, grids = make_truth(), make_grids(seed)
    options = {"confidence_is_iou": confidence_is_iou}
    loss = YOLOv1Loss(SIZE, reduction=None, **options)
    np.testing.assert_allclose(
        to_numpy(loss(truth, grids)),
        expected(truth, grids, **options),
        rtol=1e-5,
    )


def test_properties():
    options = {
        "boxes_per_cell": 1,
        "lambda_coord": 2.0,
        "lambda_obj": 3.0,
        "lambda_noobj": 0.7,
        "confidence_is_iou": False,
        "normalize_by": "image",
        "name": "my_loss",
    }
    truth = make_truth()
    del truth["annotated"]
    check_loss(YOLOv1Loss, {"image_size": SIZE, **options}, truth, make_grids())


def test_normalization():
    truth, grids = make_truth(), make_grids()
    each = expected(truth, grids)
    by_image = YOLOv1Loss(SIZE, normalize_by="image", reduction=None)
    np.testing.assert_allclose(
        to_numpy(by_image(truth, grids)), each / [2, 1, 2], rtol=1e-5
    )
    by_batch = YOLOv1Loss(SIZE, normalize_by="batch", reduction=None)
    np.testing.assert_allclose(
        to_numpy(by_batch(truth, grids)), each * 3 / 4, rtol=1e-5
    )


def test_gradients_equal_finite_differences():
    truth, grids = make_truth(), make_grids(7)
    chosen = choose(truth, grids, SIZE, BOXES)

    def value(flat):
        cells = flat.reshape(grids.shape)
        return total(cells, *chosen, BOXES, **LAMBDAS)[0].sum()

    flat = grids.astype("float64").ravel()
    slopes = np.empty_like(flat)
    for i in range(len(flat)):
        step = np.zeros_like(flat)
        step[i] = 1e-4
        slopes[i] = (value(flat + step) - value(flat - step)) / 2e-4
    loss = YOLOv1Loss(SIZE, reduction=None)
    np.testing.assert_allclose(
        gradient(lambda p: loss(truth, p), grids).ravel(),
        slopes,
        rtol=1e-4,
        atol=1e-4,
    )


def test_gradients_are_finite_for_roots_of_zero_and_below():
    truth = make_truth()
    loss = YOLOv1Loss(SIZE, reduction=None)
    for value in (0.0, -3.0, 100.0):
        grids = np.full_like(make_grids(), value)
        assert np.isfinite(gradient(lambda p: loss(truth, p), grids)).all()


def test_a_perfect_grid_costs_nothing():
    truth = {
        "boxes": np.array([[[2, 3, 27, 10], [40, 20, 50, 46]]], "float32"),
        "classes": np.array([[2, 0]]),
    }
    grids = np.zeros((1, GRID, GRID, 5 * BOXES + CLASSES), "float32")
    objects, _ = choose(truth, grids, SIZE, BOXES)
    for (b, row, column), (label, goal, _, _) in objects.items():
        grids[b, row, column, 5:9] = goal  # the second box
        grids[b, row, column, 9] = 1
        grids[b, row, column, 5 * BOXES + label] = 1
    assert float(YOLOv1Loss(SIZE)(truth, grids)) < 1e-9


def test_images_without_objects_teach_background():
    truth = {"boxes": np.zeros((1, 2, 4)), "classes": np.full((1, 2), -1)}
    grids = make_grids()[:1]
    loss = YOLOv1Loss(SIZE)
    confidences = grids[..., [4, 9]]
    assert float(loss(truth, grids)) == pytest.approx(
        0.5 * np.square(confidences).sum(), rel=1e-5
    )
    slope = np.array(gradient(lambda p: loss(truth, p), grids))
    np.testing.assert_allclose(slope[..., [4, 9]], confidences, rtol=1e-5)
    slope[..., [4, 9]] = 0
    assert (slope == 0).all()
    none = {"boxes": np.zeros((1, 0, 4)), "classes": np.zeros((1, 0))}
    assert float(loss(none, grids)) == pytest.approx(float(loss(truth, grids)))


def test_the_first_of_two_objects_in_a_cell_wins():
    boxes = np.array([[[2, 3, 27, 10], [6, 5, 20, 9]]], "float32")
    loss = YOLOv1Loss(SIZE)
    grids = make_grids()[:1]

    def value(order, classes):
        truth = {"boxes": boxes[:, order], "classes": np.array([classes])}
        return float(loss(truth, grids))

    alone = value([0], [2])
    assert value([0, 1], [2, 1]) == pytest.approx(alone)
    assert value([1, 0], [1, 2]) != pytest.approx(alone)


@cases(15)
@given(
    st.integers(0, 2**31),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_padding_changes_nothing(seed, real):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 40, (1, 5, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(1, 8, (1, 5, 2))], -1)
    classes = rng.integers(0, CLASSES, (1, 5))
    real = np.array(real)
    padded = {
        "boxes": np.where(real[:, None], boxes, 0),
        "classes": np.where(real, classes, -1),
    }
    short = {"boxes": boxes[:, real], "classes": classes[:, real]}
    grids = make_grids(seed % 100)[:1]
    loss = YOLOv1Loss(SIZE)
    assert float(loss(padded, grids)) == pytest.approx(
        float(loss(short, grids)), rel=1e-5
    )


def test_objects_on_the_last_edge_are_in_the_last_cell():
    truth = {
        "boxes": np.array([[[95, 47, 97, 49]]], "float32"),  # centre 96, 48
        "classes": np.array([[1]]),
    }
    loss = YOLOv1Loss(SIZE)
    slope = gradient(lambda p: loss(truth, p), make_grids()[:1])
    assert (slope[0, -1, -1, -CLASSES:] != 0).all()


def test_a_class_out_of_range_is_an_error():
    truth = {
        "boxes": np.array([[[2, 3, 27, 10]]], "float32"),
        "classes": np.array([[CLASSES]]),
    }
    loss = YOLOv1Loss(SIZE)
    with pytest.raises(ValueError, match="sample 0 has the class 4"):
        loss.check_truth(truth, make_grids())


def test_bad_input():
    truth, grids = make_truth(), make_grids()
    truth["annotated"][2, 1] = 1
    loss = YOLOv1Loss((24, 48))  # of half the size
    with pytest.raises(ValueError, match="sample 0 has a box beyond the 24"):
        loss.check_truth(truth, grids)
    with pytest.raises(ValueError, match=r"5 \* 3 \+ C"):
        YOLOv1Loss(SIZE, boxes_per_cell=3)(truth, grids)
    with pytest.raises(ValueError, match="received"):
        YOLOv1Loss(SIZE)(truth, grids[:, :2])
    with pytest.raises(ValueError, match="Expected a truth with 'boxes'"):
        YOLOv1Loss(SIZE)({"boxes": truth["boxes"]}, grids)
    with pytest.raises(ValueError, match="image_size"):
        YOLOv1Loss((1, 2, 3))
    with pytest.raises(ValueError, match="lambda_noobj"):
        YOLOv1Loss(448, lambda_noobj=-1)
    with pytest.raises(ValueError, match="'image' or 'batch'"):
        YOLOv1Loss(448, normalize_by="cell")


def test_labels():
    truth = make_truth()
    truth["boxes"][1] = np.nan
    loss = YOLOv1Loss(SIZE)
    assert to_numpy(loss.labelled(truth)).tolist() == [True, False, True]
    assert np.isnan(loss.truth_boxes(make_truth())[1]).all()
