import keras
import numpy as np
import pytest
from keras import ops

from batteries.backend import to_numpy
from mtvision import layers
from mtvision.ops import (
    multilevel_roi_align,
    ps_roi_align,
    ps_roi_pool,
    roi_align,
    roi_pool,
)

MAPS = np.random.default_rng(0).normal(size=(2, 8, 9, 8)).astype("float32")
BOXES = np.array([[[1, 2, 5, 6]], [[0, 0, 8, 8]]], "float32")


def multilevel(x, boxes, *args, **options):
    return multilevel_roi_align({"P2": x}, boxes, *args, **options)


POOLS = [roi_align, roi_pool, ps_roi_align, ps_roi_pool, multilevel]


def same_layer(pool, **options):
    kinds = {
        roi_align: layers.RoIAlign,
        roi_pool: layers.RoIPool,
        ps_roi_align: layers.PSRoIAlign,
        ps_roi_pool: layers.PSRoIPool,
        multilevel: layers.MultilevelRoIAlign,
    }
    layer = kinds[pool](2, **options)
    if pool is multilevel:
        return lambda x, boxes: layer({"P2": x}, boxes)
    return layer


@pytest.mark.parametrize("pool", POOLS)
def test_bad_inputs(pool):
    for x, boxes, message in [
        (MAPS[0], BOXES, r"features \(B, H, W, C\)"),
        (MAPS, BOXES[0], r"boxes \(B, R, 4\)"),
        (MAPS, np.zeros((2, 3, 5)), "x1, y1, x2, y2"),
        (MAPS, BOXES[:1], "boxes for each image"),
        (MAPS.astype("int32"), BOXES, "floating point"),
    ]:
        with pytest.raises(ValueError, match=message):
            pool(x, boxes, 2)
        symbolic = [
            keras.Input(batch_shape=a.shape, dtype=str(a.dtype))
            for a in (x, boxes)
        ]
        with pytest.raises(ValueError, match=message) as caught:
            same_layer(pool)(*symbolic)
        assert "compute_output_spec" not in str(caught.value)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("size", [0, -1, True, 2.0, (2,), (2.0, 2.0), "2"])
def test_bad_output_sizes(pool, size):
    with pytest.raises(ValueError, match="output_size"):
        pool(MAPS, BOXES, size)


@pytest.mark.parametrize("pool", POOLS)
def test_numbers_of_numpy_are_numbers(pool):
    expected = to_numpy(pool(MAPS, BOXES, 2))
    found = to_numpy(pool(MAPS, BOXES, np.int64(2)))
    np.testing.assert_array_equal(found, expected)
    lists = to_numpy(pool(MAPS.tolist(), BOXES.tolist(), [2, 2]))
    np.testing.assert_allclose(lists, expected, rtol=1e-6)


@pytest.mark.parametrize("scale", [0, -1.0, None, float("inf"), float("nan")])
@pytest.mark.parametrize("pool", [p for p in POOLS if p is not multilevel])
def test_bad_scales(pool, scale):
    with pytest.raises(ValueError, match="spatial_scale as a positive"):
        pool(MAPS, BOXES, 2, spatial_scale=scale)
    with pytest.raises(ValueError, match="spatial_scale as a positive"):
        same_layer(pool, spatial_scale=scale)


def test_bad_pyramids():
    for features, message in [
        ({}, "without any"),
        ([MAPS], "received a list"),
        (7, r"received a(n)? int\."),
        ({"low": MAPS}, "name of a level"),
        ({"P2": MAPS, "P3": MAPS[..., :4]}, "Put a FeaturePyramid"),
    ]:
        with pytest.raises(ValueError, match=message):
            multilevel_roi_align(features, BOXES, 2)
    for size in (0, -224):
        with pytest.raises(ValueError, match="canonical_size as a positive"):
            multilevel(MAPS, BOXES, 2, canonical_size=size)
        with pytest.raises(ValueError, match="canonical_size as a positive"):
            layers.MultilevelRoIAlign(2, canonical_size=size)


@pytest.mark.parametrize("pool", POOLS)
def test_functions_send_symbolic_tensors_to_the_layer(pool):
    with pytest.raises(ValueError, match=r"Use mtvision.layers.\w*RoI"):
        pool(keras.Input((8, 9, 8)), keras.Input((3, 4)), 2)


def test_layers_refuse_channels_first_when_they_are_made():
    keras.config.set_image_data_format("channels_first")
    try:
        for pool in POOLS:
            with pytest.raises(ValueError, match="channels-last"):
                same_layer(pool)
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("options", [{}, {"sampling_ratio": 0}])
def test_maps_of_unknown_size(pool, options):
    if options and pool in (roi_pool, ps_roi_pool):
        pytest.skip("has no sampling_ratio")
    x, boxes = keras.Input((None, None, 8)), keras.Input((None, 4))
    model = keras.Model([x, boxes], same_layer(pool, **options)(x, boxes))
    channels = 2 if pool in (ps_roi_align, ps_roi_pool) else 8
    assert model.output.shape == (None, None, 2, 2, channels)
    np.testing.assert_allclose(
        model.predict([MAPS, BOXES], verbose=0),
        to_numpy(pool(MAPS, BOXES, 2, **options)),
        atol=1e-5,
    )


@pytest.mark.parametrize("pool", POOLS)
def test_no_boxes_and_no_images(pool):
    assert tuple(pool(MAPS, BOXES[:, :0], 2).shape[:4]) == (2, 0, 2, 2)
    assert tuple(pool(MAPS[:0], BOXES[:0], 2).shape[:4]) == (0, 1, 2, 2)


@pytest.mark.parametrize("pool", POOLS)
def test_coordinates_beyond_all_bounds_give_zeros(pool):
    boxes = np.array([[[-3e38, 0, 3e30, 5]], [[0, 0, 3e38, 3e38]]], "float32")
    options = {} if pool is multilevel else {"spatial_scale": 2.0}
    np.testing.assert_array_equal(to_numpy(pool(MAPS, boxes, 2, **options)), 0)
    assert np.isfinite(to_numpy(ops.sum(pool(MAPS, 1e8 * BOXES, 2))))
