import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.ops.heat_map_focal import heat_map_focal
from mtvision.ops.heat_maps import draw_gaussians, gaussian_radius
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.point_detection import (
    ExtremeHeatMapLoss,
    ExtremeOffsetLoss,
    HeatMapHead,
)
from mtvision.training import MultiTaskModel

STRIDE, CLASSES = 4, 2
SIZE = 8, 10
BOXES = np.array(
    [[[4, 6, 12, 24], [20, 2, 40, 32]], [[2, 2, 30, 31], [0, 0, 0, 0]]],
    "float32",
)
# Top, left, bottom, right; the last lies on the far border of the image.
POINTS = np.array(
    [
        [
            [[9, 6], [4, 14], [6, 24], [12, 15]],
            [[25, 2], [20, 9], [38, 32], [40, 5]],
        ],
        [[[7, 2], [2, 13], [15, 31], [30, 17]], [[0, 0]] * 4],
    ],
    "float32",
)
TRUTH = {
    "boxes": BOXES,
    "classes": np.array([[1, 0], [1, -1]]),
    "extreme_points": POINTS,
}


def cells_of(points):
    cells = np.floor(points / STRIDE)
    return np.minimum(cells, np.array(SIZE[::-1]) - 1)


def maps(channels, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, *SIZE, channels)).astype("float32")
    return to_numpy(join_cells(values, STRIDE))


def test_heat_map_loss():
    arguments = {
        "min_overlap": 0.5,
        "alpha": 1.5,
        "beta": 3.0,
        "normalize_by": "batch",
        "name": "mine",
    }
    predicted = maps(4 * CLASSES)
    check_loss(ExtremeHeatMapLoss, arguments, TRUTH, predicted)
    radii = to_numpy(gaussian_radius((BOXES[..., 2:] - BOXES[..., :2]) / 4))
    expected = 0
    for kind in range(4):
        heat = draw_gaussians(
            cells_of(POINTS[:, :, kind]),
            np.floor(radii),
            np.maximum(TRUTH["classes"], 0),
            TRUTH["classes"] >= 0,
            SIZE,
            CLASSES,
        )
        own = predicted[..., kind * CLASSES : (kind + 1) * CLASSES]
        expected += to_numpy(heat_map_focal(heat, own)).sum((1, 2, 3))
    loss = ExtremeHeatMapLoss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)), expected / [2, 1], rtol=1e-5
    )


def test_offset_loss():
    arguments = {"beta": 0.5, "normalize_by": "batch", "name": "mine"}
    predicted = maps(8)
    check_loss(ExtremeOffsetLoss, arguments, TRUTH, predicted)
    cells = cells_of(POINTS)
    sums = np.zeros(2)
    for image, row, kind in np.ndindex(2, 2, 4):
        if TRUTH["classes"][image, row] < 0:
            continue
        x, y = cells[image, row, kind].astype(int)
        target = POINTS[image, row, kind] / STRIDE - [x, y]
        value = predicted[image, y, x, 2 * kind : 2 * kind + 2]
        sums[image] += np.abs(value - target).sum()
    loss = ExtremeOffsetLoss(reduction=None, beta=0.0)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)), sums / [2, 1], rtol=1e-5
    )


def test_masks_are_the_same_truth():
    masks = np.zeros((2, 2, 32, 40), "uint8")
    points = np.zeros((2, 2, 4, 2), "float32")
    for image, row in ((0, 0), (0, 1), (1, 0)):
        x1, y1, x2, y2 = BOXES[image, row].astype(int)
        masks[image, row, y1:y2, x1:x2] = 1
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        points[image, row] = [[x, y1], [x1, y], [x, y2], [x2, y]]
    truth = {name: TRUTH[name] for name in ("boxes", "classes")}
    for cls, channels in ((ExtremeHeatMapLoss, 8), (ExtremeOffsetLoss, 8)):
        loss = cls(reduction=None)
        np.testing.assert_allclose(
            to_numpy(loss({**truth, "masks": masks}, maps(channels))),
            to_numpy(loss({**truth, "extreme_points": points}, maps(channels))),
            rtol=1e-6,
        )


@pytest.mark.parametrize("unknown", [0.0, np.nan])
def test_unknown_points_teach_nothing(unknown):
    points = POINTS.copy()
    points[0, 1] = unknown
    truth = {**TRUTH, "extreme_points": points}
    loss = ExtremeHeatMapLoss()
    assert to_numpy(loss.labelled(truth)).all()
    slope = gradient(lambda p: loss(truth, p), maps(8))[0, ..., :-4]
    # The centres of columns 5 to 9 are in the box, of all rows.
    assert (slope[:, 5:] == 0).all()
    assert (slope[:, :5] != 0).all()
    slope = gradient(lambda p: ExtremeOffsetLoss()(truth, p), maps(8))[0]
    assert len(np.argwhere(slope[..., :-4].any(-1))) == 4


def test_wrong_truth_is_an_error():
    truth = {name: TRUTH[name] for name in ("boxes", "classes")}
    with pytest.raises(ValueError, match="'masks'"):
        ExtremeHeatMapLoss()(truth, maps(8))
    with pytest.raises(ValueError, match="4 V"):
        ExtremeHeatMapLoss()(TRUTH, maps(7))
    with pytest.raises(ValueError, match=r"PointValuesHead\(8\)"):
        ExtremeOffsetLoss()(TRUTH, maps(4))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p + np.array([40, 0]), "outside of its box, by 40 pixels"),
        (lambda p: p * np.nan, None),
        (lambda p: p + 1.5, None),
        (lambda p: p[[2, 1, 0, 3]], "wrong side of each other, by 30"),
        (lambda p: p[[0, 3, 2, 1]], "wrong side of each other, by 20"),
    ],
)
def test_points_that_are_not_at_their_box(change, fault):
    points = POINTS.copy()
    points[0, 1] = change(points[0, 1])
    for loss, channels in ((ExtremeHeatMapLoss(), 8), (ExtremeOffsetLoss(), 8)):
        truth = {**TRUTH, "extreme_points": points}
        if fault is None:
            loss.check_truth(truth, maps(channels))
            continue
        message = f"sample 0 has extreme points .*{fault}.* at its object 1"
        with pytest.raises(ValueError, match=message):
            loss.check_truth(truth, maps(channels))


@pytest.mark.parametrize("cls", [ExtremeHeatMapLoss, ExtremeOffsetLoss])
def test_masks_of_another_size(cls):
    truth = {name: TRUTH[name] for name in ("boxes", "classes")}
    truth["masks"] = np.ones((2, 2, 32, 40), "uint8")
    cls().check_truth(truth, maps(8))
    for size in (None, (32, 40)):
        cls().check_image_size(truth, size)
    with pytest.raises(ValueError, match=r"\(32, 40\) pixels.* \(64, 80\)"):
        cls().check_image_size(truth, (64, 80))


def test_neither_points_nor_masks_is_an_error_before_the_step():
    truth = {name: TRUTH[name] for name in ("boxes", "classes")}
    with pytest.raises(ValueError, match="'masks'"):
        ExtremeOffsetLoss().check_truth(truth, maps(8))


def test_fit_names_the_task():
    image = keras.Input((32, 40, 3))
    pyramid = {"P2": keras.layers.AveragePooling2D(STRIDE)(image)}
    heads = {"tops": HeatMapHead(CLASSES, points=4, hidden=2)(pyramid)}
    model = MultiTaskModel(image, heads)
    model.compile("sgd", {"tops": ExtremeHeatMapLoss()})
    images = np.zeros((2, 32, 40, 3), "float32")
    wrong = {**TRUTH, "extreme_points": POINTS + 99}
    with pytest.raises(ValueError, match="Task 'tops': sample 0 has extreme"):
        model.fit(images, {"tops": wrong}, verbose=0)
    wrong = {**TRUTH, "masks": np.ones((2, 2, 16, 20), "uint8")}
    with pytest.raises(ValueError, match="Task 'tops': the masks have"):
        model.fit(images, {"tops": wrong}, verbose=0)
