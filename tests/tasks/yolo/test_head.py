import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.yolo import DecodeYOLO, YOLOHead
from mtvision.tasks.yolo.box_coding import decode, encode
from mtvision.tasks.yolo.columns import split

ANCHORS = {"P4": [[30.0, 40.0]], "P3": [[8.0, 9.0], [20.0, 10.0]]}


def maps(height=2, width=3):
    rng = np.random.default_rng(0)
    return {
        "P3": rng.normal(size=(2, 2 * height, 2 * width, 3)),
        "P4": rng.normal(size=(2, height, width, 4)),
    }


def float_maps(**sizes):
    return {k: x.astype("float32") for k, x in maps(**sizes).items()}


ARGUMENTS = {"num_classes": 3, "anchors": ANCHORS, "hidden": 5, "prior": 0.2}


def test_layer():
    outputs = check_layer(YOLOHead, ARGUMENTS, float_maps())
    assert outputs.shape == (2, 4 * 6 * 2 + 2 * 3, 14)


def test_describes_itself():
    found = split(to_numpy(YOLOHead(**ARGUMENTS)(float_maps())))
    cells, sizes = found.cells, found.sizes
    np.testing.assert_array_equal(cells[0], cells[1])
    assert sizes[0, :4].tolist() == [[8, 9], [20, 10]] * 2
    assert sizes[0, -6:].tolist() == [[30, 40]] * 6
    # Two anchors a cell of 8 pixels, row by row; then cells of 16.
    assert cells[0, 0].tolist() == cells[0, 1].tolist() == [0, 0, 8, 8]
    assert cells[0, 2].tolist() == [8, 0, 16, 8]
    assert cells[0, 12].tolist() == [0, 8, 8, 16]
    assert cells[0, -1].tolist() == [32, 16, 48, 32]


def test_predictions_move_with_the_map():
    """Each row is of the cell that it says."""
    features = np.zeros((1, 5, 7, 2), "float32")
    features[0, 3, 5] = 9
    head = YOLOHead(2, {"P3": [[8, 8], [4, 4]]}, hidden=16)
    found = split(to_numpy(head({"P3": features})))
    empty = split(to_numpy(head({"P3": 0 * features})))
    changed = np.abs(found.deltas - empty.deltas).max(-1)[0] > 1e-6
    cells = found.cells[0, changed]
    assert cells.min(axis=0).tolist() == [32, 16, 40, 24]
    assert cells.max(axis=0).tolist() == [48, 32, 56, 40]


def test_starts_from_the_prior():
    head = YOLOHead(2, {"P3": [[8, 8], [4, 4]]}, hidden=4, prior=0.01)
    found = split(to_numpy(head({"P3": np.zeros((1, 2, 2, 3), "float32")})))
    np.testing.assert_allclose(
        1 / (1 + np.exp(-found.objectness)), 0.01, rtol=1e-5
    )
    assert (found.classes == 0).all()


def test_sizes_known_only_at_run_time():
    inputs = {
        k: keras.Input((None, None, x.shape[-1])) for k, x in maps().items()
    }
    predictions = YOLOHead(**ARGUMENTS)(inputs)
    assert tuple(predictions.shape) == (None, None, 14)
    detections = DecodeYOLO(max_detections=6)(predictions)
    model = keras.Model(inputs, [predictions, *detections.values()])
    for height, width in ((2, 3), (5, 1)):
        found = model.predict(float_maps(height=height, width=width), verbose=0)
        assert found[0].shape == (2, 9 * height * width, 14)
        assert found[1].shape == (2, 6, 4)


def test_boxes_there_and_back():
    rng = np.random.default_rng(0)
    cells = np.array([[[16, 32, 32, 48]] * 9], "float32")
    sizes = rng.uniform(4, 60, (1, 9, 2)).astype("float32")
    deltas = rng.normal(size=(1, 9, 4)).astype("float32")
    boxes = decode(deltas, cells, sizes)
    shares, log_scales = (to_numpy(x) for x in encode(boxes, cells, sizes))
    np.testing.assert_allclose(
        shares, 1 / (1 + np.exp(-deltas[..., :2])), atol=1e-5
    )
    np.testing.assert_allclose(log_scales, deltas[..., 2:], atol=1e-4)
    wild = to_numpy(decode(deltas + 1e6, cells, sizes))
    assert np.isfinite(wild).all()


def test_a_single_map():
    head = YOLOHead(2, {"P5": [[8, 8]]}, hidden=4)
    assert tuple(head(np.ones((1, 3, 3, 2), "float32")).shape) == (1, 9, 13)
    with pytest.raises(ValueError, match="expected a dict of these maps"):
        YOLOHead(**ARGUMENTS)(np.ones((1, 3, 3, 2), "float32"))


@pytest.mark.parametrize(
    "anchors",
    [
        [[8, 8]],
        {},
        {"P3": []},
        {"P3": [8, 8]},
        {"P3": [[8, 8, 8]]},
        {"P3": [[8, 0]]},
        {"P3": [[0.2, 0.4], [0.5, 0.9]]},
        {"P3": [[8, np.nan]]},
        {"P3": [["a", "b"]]},
        {"P3": [[8, 8], [8]]},
        {"fine": [[8, 8]]},
    ],
)
def test_malformed_anchors(anchors):
    with pytest.raises(ValueError, match="Expected"):
        YOLOHead(2, anchors)


def test_wrong_maps_and_options():
    with pytest.raises(ValueError, match="Level 'P4' is not among"):
        YOLOHead(**ARGUMENTS)({"P3": np.ones((1, 2, 2, 3))})
    tiny = {"P3": np.ones((1, 1, 4, 3)), "P4": np.ones((1, 1, 2, 4))}
    with pytest.raises(ValueError, match="stride of 16 pixels"):
        YOLOHead(**ARGUMENTS)(tiny)
    for bad in ({"prior": 0.0}, {"hidden": 0}, {"num_classes": 0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            YOLOHead(**{**ARGUMENTS, **bad})
