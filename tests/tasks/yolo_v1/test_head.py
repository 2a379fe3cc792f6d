import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.yolo_v1 import YOLOv1Head

MAPS = {"P5": np.linspace(-1, 1, 2 * 4 * 4 * 3, dtype="float32")}
MAPS["P5"] = MAPS["P5"].reshape(2, 4, 4, 3)


def test_dense():
    arguments = {
        "num_classes": 3,
        "grid": 5,
        "boxes_per_cell": 1,
        "level": "P5",
        "hidden": 6,
        "dropout": 0.25,
    }
    head = YOLOv1Head(**arguments)
    grids = head(MAPS)
    assert tuple(grids.shape) == (2, 5, 5, 8)
    assert keras.backend.standardize_dtype(grids.dtype) == "float32"
    revived = YOLOv1Head.from_config(head.get_config())
    revived(MAPS)
    revived.set_weights(head.get_weights())
    np.testing.assert_allclose(
        to_numpy(revived(MAPS)), to_numpy(grids), atol=1e-6
    )


def test_convolutional():
    arguments = {
        "num_classes": 3,
        "grid": 4,
        "boxes_per_cell": 3,
        "level": "P5",
        "hidden": 6,
        "dropout": 0.25,
        "convolutional": True,
    }
    outputs = check_layer(YOLOv1Head, arguments, MAPS)
    assert outputs.shape == (2, 4, 4, 18)


def test_of_the_paper():
    assert YOLOv1Head(20).hidden == 4096
    head = YOLOv1Head(20, hidden=2)
    assert tuple(head(keras.Input((7, 7, 9))).shape) == (None, 7, 7, 30)
    assert tuple(head.first.kernel.shape) == (7 * 7 * 9, 2)
    assert tuple(head.last.kernel.shape) == (2, 1470)


def test_dense_layers_see_the_whole_image():
    head = YOLOv1Head(2, grid=2, level="P5", hidden=8)
    grids = to_numpy(head(MAPS))
    moved = {"P5": MAPS["P5"].copy()}
    moved["P5"][:, 0, 0] += 1
    assert (np.abs(to_numpy(head(moved)) - grids)[:, 1, 1] > 1e-6).any()


def test_dropout_only_in_training():
    head = YOLOv1Head(2, grid=2, level="P5", hidden=32)
    quiet = to_numpy(head(MAPS))
    np.testing.assert_array_equal(quiet, to_numpy(head(MAPS, training=False)))
    assert (to_numpy(head(MAPS, training=True)) != quiet).any()


def test_wrong_maps_and_options():
    with pytest.raises(ValueError, match="map of known size"):
        YOLOv1Head(2)(keras.Input((None, None, 8)))
    with pytest.raises(ValueError, match="map of 7 x 7 cells"):
        YOLOv1Head(2, convolutional=True)(np.ones((1, 4, 4, 3)))
    with pytest.raises(ValueError, match="Level 'P6' is not among"):
        YOLOv1Head(2)(MAPS)
    for bad in ({"grid": 0}, {"boxes_per_cell": 0}, {"dropout": 1.0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            YOLOv1Head(2, **bad)
    with pytest.raises(ValueError, match="num_classes"):
        YOLOv1Head(0)
