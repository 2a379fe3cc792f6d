import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.ops.heat_map_focal import heat_map_focal
from mtvision.ops.heat_maps import draw_gaussians, gaussian_radius
from mtvision.ops.map_cells import join_cells, split_cells
from mtvision.tasks.point_detection import (
    CenterHeatMapLoss,
    CenterOffsetLoss,
    CenterSizeLoss,
)

STRIDE, CLASSES = 4, 3
SIZE = 8, 10
TRUTH = {
    "boxes": np.array(
        [
            [[4, 4, 12, 20], [20, 2, 38, 30], [0, 0, 0, 0]],
            [[1, 1, 30, 31], [0, 0, 0, 0], [0, 0, 0, 0]],
            [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
        ],
        "float32",
    ),
    "classes": np.array([[2, 0, -1], [1, -1, -1], [-1, -1, -1]]),
}
# Columns and rows of the centres, of the first sample and the second.
CENTERS = [[(2, 3), (7, 4)], [(3, 4)]]


def maps(channels, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, *SIZE, channels)).astype("float32")
    return to_numpy(join_cells(values, STRIDE))


def truth(**fields):
    return {**TRUTH, **fields}


def heat_of_truth():
    sizes = (TRUTH["boxes"][..., 2:] - TRUTH["boxes"][..., :2]) / STRIDE
    radii = np.floor(to_numpy(gaussian_radius(sizes)))
    centers = np.zeros((3, 3, 2))
    for sample, places in enumerate(CENTERS):
        centers[sample, : len(places)] = places
    drawn = TRUTH["classes"] >= 0
    classes = np.maximum(TRUTH["classes"], 0)
    return to_numpy(
        draw_gaussians(centers, radii, classes, drawn, SIZE, CLASSES)
    )


def test_heat_map_loss():
    arguments = {
        "min_overlap": 0.5,
        "alpha": 1.5,
        "beta": 3.0,
        "normalize_by": "batch",
        "name": "mine",
    }
    check_loss(
        CenterHeatMapLoss,
        {**arguments, "normalize_by": "batch"},
        TRUTH,
        maps(3),
    )
    predicted = maps(CLASSES)
    values = to_numpy(heat_map_focal(heat_of_truth(), predicted[..., :-4]))
    np.testing.assert_allclose(
        to_numpy(CenterHeatMapLoss(reduction=None)(TRUTH, predicted)),
        values.sum((1, 2, 3)) / [2, 1, 1],
        rtol=1e-5,
    )
    by_batch = CenterHeatMapLoss(reduction=None, normalize_by="batch")
    np.testing.assert_allclose(
        to_numpy(by_batch(TRUTH, predicted)), values.sum((1, 2, 3)), rtol=1e-5
    )


@pytest.mark.parametrize("cls", [CenterSizeLoss, CenterOffsetLoss])
def test_losses_of_values(cls):
    arguments = {"beta": 0.5, "normalize_by": "batch", "name": "mine"}
    check_loss(cls, arguments, TRUTH, maps(2))
    predicted = maps(2)
    expected = []
    for sample, places in enumerate([*CENTERS, []]):
        total = 0.0
        for box, (x, y) in zip(TRUTH["boxes"][sample], places):
            target = (box[2:] - box[:2]) / STRIDE
            if cls is CenterOffsetLoss:
                target = (box[2:] + box[:2]) / 2 / STRIDE - [x, y]
            total += np.abs(predicted[sample, y, x, :2] - target).sum()
        expected.append(total / max(1, len(places)))
    np.testing.assert_allclose(
        to_numpy(cls(reduction=None)(TRUTH, predicted)), expected, rtol=1e-5
    )


def slopes(loss, y_true, predicted):
    return gradient(
        lambda p: loss(keras.tree.map_structure(np.asarray, y_true), p),
        predicted,
    )[..., :-4]


def test_no_object_teaches_negatives():
    loss = CenterHeatMapLoss(reduction=None)
    assert (slopes(loss, TRUTH, maps(CLASSES))[2] > 0).all()


def test_nothing_inside_a_crowd_is_a_negative():
    crowd = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    loss = CenterHeatMapLoss(reduction=None)
    for field in ("crowd", "difficult"):
        slope = slopes(loss, truth(**{field: crowd}), maps(CLASSES))[0]
        # The box 20, 2, 38, 30 holds the centres of cells 5 to 8, 0 to 6;
        # the other object's centre is in the cell 2, 3.
        assert (slope[0:7, 5:9] == 0).all()
        assert (slope[7] != 0).all()
        assert (slope[:, 9] != 0).all()
        values = slopes(CenterSizeLoss(), truth(**{field: crowd}), maps(2))[0]
        assert np.argwhere(values.any(-1)).tolist() == [[3, 2]]


def test_classes_that_are_not_annotated_have_no_negatives():
    annotated = np.array([[1, 0, 1], [1, 1, 1], [0, 1, 1]])
    slope = slopes(
        CenterHeatMapLoss(), truth(annotated=annotated), maps(CLASSES)
    )
    assert (slope[0, ..., 1] == 0).all()
    assert (slope[2, ..., 0] == 0).all()
    assert (slope[2, ..., 1:] != 0).all()


def test_who_is_labelled():
    boxes = TRUTH["boxes"].copy()
    boxes[1] = np.nan
    for cls in (CenterHeatMapLoss, CenterSizeLoss, CenterOffsetLoss):
        labelled = to_numpy(cls().labelled(truth(boxes=boxes)))
        assert labelled.tolist() == [True, False, True]
    # What was replaced by zeros does not count among the batch's objects.
    zeros = truth(
        boxes=np.where(np.isnan(boxes), 0, boxes),
        classes=TRUTH["classes"] * np.array([[1], [0], [1]]),
    )
    loss = CenterHeatMapLoss(reduction=None, normalize_by="batch")
    values = to_numpy(loss(zeros, maps(CLASSES)))
    kept = [0, 2]
    alone = {name: field[kept] for name, field in zeros.items()}
    np.testing.assert_allclose(
        values[kept], to_numpy(loss(alone, maps(CLASSES)[kept])), rtol=1e-5
    )


def test_wrong_truth_and_maps_are_errors():
    loss = CenterHeatMapLoss()
    with pytest.raises(ValueError, match="class 2"):
        loss.check_truth(TRUTH, maps(2))
    with pytest.raises(ValueError, match=r"PointValuesHead\(2\)"):
        CenterSizeLoss()(TRUTH, maps(3))
    with pytest.raises(ValueError, match="'boxes'"):
        loss(TRUTH["boxes"], maps(CLASSES))
    with pytest.raises(ValueError, match="'image' or 'batch'"):
        CenterOffsetLoss(normalize_by="mean")
    with pytest.raises(ValueError, match="min_overlap"):
        CenterHeatMapLoss(min_overlap=1.0)


def test_boxes_of_a_truth():
    boxes = CenterHeatMapLoss().truth_boxes(TRUTH)
    assert np.isnan(boxes[2]).all()
    np.testing.assert_array_equal(boxes[0, :2], TRUTH["boxes"][0, :2])


def test_columns_are_the_reverse_of_each_other():
    values, cells = split_cells(join_cells(np.ones((2, 3, 5, 2), "float32"), 8))
    assert (to_numpy(values) == 1).all()
    assert to_numpy(cells)[1, 2, 4].tolist() == [32, 16, 40, 24]
