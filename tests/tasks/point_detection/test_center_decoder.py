import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.point_detection import DecodeCenters


def maps_of(objects, *, size=(8, 8), classes=2, stride=4):
    """Maps whose peaks are objects (score, class, x1, y1, x2, y2)."""
    heat = np.full((1, *size, classes), -9.0, "float32")
    sizes, offsets = np.zeros((2, 1, *size, 2), "float32")
    for score, class_, *box in objects:
        box = np.array(box) / stride
        center = (box[:2] + box[2:]) / 2
        x, y = center.astype(int)
        heat[0, y, x, class_] = np.log(score / (1 - score))
        sizes[0, y, x] = box[2:] - box[:2]
        offsets[0, y, x] = center - [x, y]
    return [to_numpy(join_cells(x, stride)) for x in (heat, sizes, offsets)]


OBJECTS = [(0.6, 1, 3, 2, 14, 20), (0.8, 0, 16, 10, 31, 29)]


def test_properties():
    arguments = {
        "max_detections": 6,
        "score_threshold": 0.3,
        "iou_threshold": 0.4,
    }
    found = check_layer(DecodeCenters, arguments, maps_of(OBJECTS))
    assert found["classes"].tolist() == [[0, 1, -1, -1, -1, -1]]


def test_finds_what_was_drawn():
    found = to_numpy(DecodeCenters(max_detections=5)(maps_of(OBJECTS)))
    assert found["classes"][0, :2].tolist() == [0, 1]
    np.testing.assert_allclose(found["scores"][0, :2], [0.8, 0.6], rtol=1e-5)
    np.testing.assert_allclose(
        found["boxes"][0, :2], [OBJECTS[1][2:], OBJECTS[0][2:]], rtol=1e-5
    )


def test_padding():
    found = to_numpy(
        DecodeCenters(max_detections=200, score_threshold=0.5)(maps_of(OBJECTS))
    )
    assert found["classes"].shape == (1, 200)
    assert (found["classes"][0, 2:] == -1).all()
    assert (found["scores"][0, 2:] == 0).all()
    assert (found["boxes"][0, 2:] == 0).all()


def test_a_neighbour_of_a_peak_is_none():
    heat, sizes, offsets = maps_of(OBJECTS)
    heat[0, 4, 4, 0] = heat[0, ..., :-4].max() - 0.1  # beside the peak at 5, 4
    sizes[0, 4, 4, :2] = 2
    found = to_numpy(DecodeCenters(score_threshold=0.5)([heat, sizes, offsets]))
    assert (found["classes"] >= 0).sum() == 2


def test_a_size_below_zero_makes_no_detection():
    heat, sizes, offsets = maps_of(OBJECTS)
    sizes[..., :2] *= [[[[1, -1]]]]
    found = to_numpy(DecodeCenters(score_threshold=0.5)([heat, sizes, offsets]))
    assert (found["classes"] == -1).all()


def test_suppression_of_overlapping_boxes():
    double = [*OBJECTS, (0.7, 0, 24, 10, 39, 29), (0.65, 0, 16, 10, 31, 47)]
    maps = maps_of(double, size=(12, 10))
    sharp = DecodeCenters(score_threshold=0.5, iou_threshold=0.2)
    every = DecodeCenters(score_threshold=0.5)
    assert (to_numpy(every(maps)["classes"]) >= 0).sum() == 4
    assert (to_numpy(sharp(maps)["classes"]) >= 0).sum() == 2


def test_boxes_are_cut_at_the_image():
    maps = maps_of([(0.9, 0, -6, 3, 20, 40)])
    image = np.zeros((1, 32, 32, 3), "float32")
    box = to_numpy(DecodeCenters()(maps, image)["boxes"])[0, 0]
    np.testing.assert_allclose(box, [0, 3, 20, 32], atol=1e-4)


def test_maps_of_unknown_size():
    inputs = [keras.Input((None, None, 6)) for _ in range(3)]
    model = keras.Model(inputs, DecodeCenters(max_detections=9)(inputs))
    found = model.predict(maps_of(OBJECTS), verbose=0)
    assert found["boxes"].shape == (1, 9, 4)
    assert found["classes"][0, :2].tolist() == [0, 1]
    # Fewer cells than detections.
    small = [x[:, :2, :2] for x in maps_of(OBJECTS)]
    assert model.predict(small, verbose=0)["classes"].shape == (1, 9)


def test_a_missing_map_is_an_error():
    with pytest.raises(ValueError, match="three maps"):
        DecodeCenters()(maps_of(OBJECTS)[:2])
