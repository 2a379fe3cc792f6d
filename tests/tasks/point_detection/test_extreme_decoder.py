import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.point_detection import DecodeExtremes

STRIDE, CLASSES = 4, 2
# Class, top, left, bottom, right, x and y in pixels.
OBJECTS = [
    (1, [(9.5, 6), (4, 14), (6, 25), (15, 13)]),
    (0, [(25, 2.5), (20, 9), (37, 29), (39, 5)]),
]


def maps_of(objects, *, size=(8, 10), centers=True):
    extremes = np.full((1, *size, 4 * CLASSES), -9.0, "float32")
    middle = np.full((1, *size, CLASSES), -9.0, "float32")
    offsets = np.zeros((1, *size, 8), "float32")
    for class_, points in objects:
        for kind, point in enumerate(points):
            position = np.array(point) / STRIDE
            x, y = position.astype(int)
            extremes[0, y, x, kind * CLASSES + class_] = 2 - class_
            offsets[0, y, x, 2 * kind : 2 * kind + 2] = position - [x, y]
        x = (points[1][0] + points[3][0]) / 2 / STRIDE
        y = (points[0][1] + points[2][1]) / 2 / STRIDE
        middle[0, int(y), int(x), class_] = 1 if centers else -9
    return [
        to_numpy(join_cells(x, STRIDE)) for x in (extremes, middle, offsets)
    ]


def box_of(points):
    return [points[1][0], points[0][1], points[3][0], points[2][1]]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_properties():
    arguments = {
        "max_detections": 6,
        "num_peaks": 5,
        "num_groups": 50,
        "peak_threshold": 0.15,
        "center_threshold": 0.2,
        "edge_weight": 0.2,
        "ghost_ratio": 2.0,
        "sigma": 0.4,
    }
    found = check_layer(
        DecodeExtremes, arguments, maps_of(OBJECTS), differentiable=False
    )
    assert found["classes"].tolist() == [[0, 1, -1, -1, -1, -1]]


def test_finds_what_was_drawn():
    decode = DecodeExtremes(max_detections=4, num_peaks=6, edge_weight=0.0)
    found = to_numpy(decode(maps_of(OBJECTS)))
    assert found["classes"][0].tolist() == [0, 1, -1, -1]
    np.testing.assert_allclose(
        found["boxes"][0, :2],
        [box_of(OBJECTS[1][1]), box_of(OBJECTS[0][1])],
        rtol=1e-5,
    )
    expected = [
        (4 * sigmoid(2) + sigmoid(1)) / 5,
        (4 * sigmoid(1) + sigmoid(1)) / 5,
    ]
    np.testing.assert_allclose(found["scores"][0, :2], expected, rtol=1e-5)


def test_without_a_centre_there_is_no_box():
    found = to_numpy(
        DecodeExtremes(num_peaks=6)(maps_of(OBJECTS, centers=False))
    )
    assert (found["classes"] == -1).all()
    assert (found["scores"] == 0).all()


def test_boxes_are_cut_at_the_image():
    image = np.zeros((1, 20, 38, 3), "float32")
    decode = DecodeExtremes(max_detections=2, num_peaks=6)
    boxes = to_numpy(decode(maps_of(OBJECTS), image)["boxes"])[0]
    np.testing.assert_allclose(boxes[0], [20, 2.5, 38, 20], rtol=1e-5)
    np.testing.assert_allclose(boxes[1], [4, 6, 15, 20], rtol=1e-5)


def test_maps_of_unknown_size():
    inputs = [keras.Input((None, None, n)) for n in (12, 6, 12)]
    decode = DecodeExtremes(max_detections=9, num_peaks=5)
    model = keras.Model(inputs, decode(inputs))
    found = model.predict(maps_of(OBJECTS), verbose=0)
    assert found["classes"][0, :3].tolist() == [0, 1, -1]


def test_a_missing_map_is_an_error():
    with pytest.raises(ValueError, match="three maps"):
        DecodeExtremes()(maps_of(OBJECTS)[:2])
