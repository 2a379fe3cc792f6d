from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from mtvision.ops.anchors import (
    anchor_grid,
    cell_anchors,
    default_box_scales,
    default_boxes,
    default_cell_boxes,
)

# torchvision 0.28, AnchorGenerator and DefaultBoxGenerator.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "anchors.npz")
RATIOS = (0.5, 1.0, 2.0)
OCTAVES = [(x, int(x * 2 ** (1 / 3)), int(x * 2 ** (2 / 3))) for x in (32, 64)]
OCTAVES += [(128, 161, 203), (256, 322, 406), (512, 645, 812)]
GRIDS = {
    "retinanet_800x1024": (OCTAVES, RATIOS),
    "fpn_rpn": ([(32,), (64,), (128,), (256,), (512,)], RATIOS),
    "c4_rpn": ([(32, 64, 128, 256, 512)], RATIOS),
    "nondivisible": ([(32,), (64,)], RATIOS),
}
SSD_300 = {
    "aspect_ratios": [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
    "scales": [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
    "steps": [8, 16, 32, 64, 100, 300],
}
SSD_LITE = {
    "aspect_ratios": [[2, 3]] * 6,
    "scales": default_box_scales(6, smallest=0.2, largest=0.95),
}


def shapes(case):
    image = VECTORS[f"{case}/img_hw"].tolist()
    return image, [tuple(m) for m in VECTORS[f"{case}/feat_hw"].tolist()]


@pytest.mark.parametrize("case", GRIDS)
def test_grids_of_torchvision(case):
    image, maps = shapes(case)
    sizes, ratios = GRIDS[case]
    grids = []
    for level, (map_shape, level_sizes) in enumerate(zip(maps, sizes)):
        cells = cell_anchors(level_sizes, ratios)
        assert (cells == VECTORS[f"{case}/cell{level}"]).all()
        stride = [i // m for i, m in zip(image, map_shape)]
        grids.append(to_numpy(anchor_grid(map_shape, stride, cells)))
    np.testing.assert_array_equal(
        np.concatenate(grids), VECTORS[f"{case}/anchors"]
    )


@pytest.mark.parametrize(
    ("case", "options", "count"),
    [("ssd300", SSD_300, 8732), ("ssdlite320", SSD_LITE, 3234)],
)
def test_default_boxes_of_torchvision(case, options, count):
    image, maps = shapes(case)
    boxes = to_numpy(default_boxes(maps, image, **options))
    assert boxes.shape == (count, 4)
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(
        boxes, VECTORS[f"{case}/anchors"], rtol=1e-5, atol=1e-4
    )


def test_default_boxes_without_steps_share_the_image():
    boxes = default_boxes(
        [(3, 5)], (90, 100), aspect_ratios=[[]], scales=[0.5, 1.0]
    )
    centres = to_numpy(boxes).reshape(3, 5, 2, 2, 2).mean(-2)
    np.testing.assert_allclose(centres[:, 2, 0, 1], [15, 45, 75], atol=1e-4)
    np.testing.assert_allclose(
        centres[1, :, 1, 0], [10, 30, 50, 70, 90], atol=1e-4
    )


def test_default_boxes_are_clipped_to_the_size_of_the_image():
    free = default_cell_boxes(0.9, 1.6, [4.0], clip=False)
    clipped = default_cell_boxes(0.9, 1.6, [4.0])
    size = free[:, 2:] - free[:, :2]
    np.testing.assert_allclose(
        size, [[0.9, 0.9], [1.2, 1.2], [1.8, 0.45], [0.45, 1.8]], rtol=1e-6
    )
    size = np.minimum(size, 1)
    np.testing.assert_allclose(clipped[:, 2:] - clipped[:, :2], size)


def test_offset_moves_by_shares_of_the_stride():
    cells = cell_anchors([32], RATIOS)
    corner = to_numpy(anchor_grid((2, 3), (8, 4), cells))
    centre = to_numpy(anchor_grid((2, 3), (8, 4), cells, offset=0.5))
    expected = np.tile([[2, 4, 2, 4]], (18, 1))
    np.testing.assert_allclose(centre - corner, expected)


class Anchors(keras.layers.Layer):
    """Anchors of a map of any size, as a dense head would emit them."""

    def call(self, features, image):
        batch = keras.ops.shape(features)[0]
        map_shape = keras.ops.shape(features)[1:3]
        image_shape = keras.ops.shape(image)[1:3]
        stride = [i // m for i, m in zip(image_shape, map_shape)]
        grid = anchor_grid(map_shape, stride, cell_anchors([32], RATIOS))
        defaults = default_boxes(
            [map_shape], image_shape, aspect_ratios=[[2]], scales=[0.2, 0.4]
        )
        boxes = keras.ops.concatenate([grid, defaults], axis=0)
        shape = (batch, *keras.ops.shape(boxes))
        return keras.ops.broadcast_to(boxes, shape)


def test_in_a_model_for_images_of_any_size():
    image = keras.Input((None, None, 3))
    features = keras.layers.AveragePooling2D(8, padding="same")(image)
    model = keras.Model(image, Anchors()(features, image))
    for height, width in ((16, 32), (101, 133)):
        found = model.predict(np.zeros((2, height, width, 3)), verbose=0)
        map_shape = (-(-height // 8), -(-width // 8))
        stride = (height // map_shape[0], width // map_shape[1])
        grid = anchor_grid(map_shape, stride, cell_anchors([32], RATIOS))
        expected = to_numpy(grid)
        assert found.shape == (2, map_shape[0] * map_shape[1] * 7, 4)
        np.testing.assert_allclose(found[1, : len(expected)], expected)


def test_compiled():
    cells = cell_anchors([32], RATIOS)
    run = compiled(lambda x: anchor_grid(keras.ops.shape(x)[1:3], 8, cells))
    found = to_numpy(run(keras.ops.zeros((1, 5, 7, 2))))
    np.testing.assert_array_equal(
        found, to_numpy(anchor_grid((5, 7), 8, cells))
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cell_anchors([], RATIOS), "sizes"),
        (lambda: cell_anchors([32], [0.5, -1]), "aspect_ratios"),
        (lambda: anchor_grid((3, 3), 8, np.zeros((3, 5))), r"\(K, 4\)"),
        (lambda: anchor_grid((3, 0), 8, np.zeros((3, 4))), "map_shape"),
        (lambda: anchor_grid((3,), 8, np.zeros((3, 4))), "map_shape"),
        (lambda: anchor_grid((None, 3), 8, np.zeros((3, 4))), "in its call"),
        (lambda: anchor_grid((3, 3), 0, np.zeros((3, 4))), "stride"),
        (lambda: default_box_scales(1), "two maps"),
        (lambda: default_cell_boxes(0.1, 0.2, [0]), "ratios"),
        (
            lambda: default_boxes(
                [(1, 1)], (9, 9), aspect_ratios=[[2]], scales=[0.1]
            ),
            "one scale more",
        ),
        (
            lambda: default_boxes(
                [(1, 1)], (9, None), aspect_ratios=[[]], scales=[0.1, 0.2]
            ),
            "image_shape",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
