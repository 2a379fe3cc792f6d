import pathlib

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.heat_maps import (
    GROUP,
    draw_gaussians,
    gaussian_radius,
    inside_boxes,
    local_maxima,
    top_peaks,
)

# Made by mmdet 3.3's gaussian_target.py.
FILE = pathlib.Path(__file__).parents[1] / "vectors" / "heat_maps.npz"
VECTORS = dict(np.load(FILE))
SIZE = 24, 32


def draw(centers, radii, channels=None, num_channels=1, drawn=None):
    centers = np.array(centers)[None]
    channels = np.zeros(len(radii), "int32") if channels is None else channels
    drawn = np.ones(len(radii), "bool") if drawn is None else drawn
    return to_numpy(
        draw_gaussians(
            centers,
            np.array(radii)[None],
            np.array(channels)[None],
            np.array(drawn)[None],
            SIZE,
            num_channels,
        )
    )[0]


@pytest.mark.parametrize("overlap", [0.3, 0.7])
def test_radius_is_mmdets(overlap):
    radii = gaussian_radius(VECTORS["sizes_hw"], min_overlap=overlap)
    np.testing.assert_allclose(
        to_numpy(radii), VECTORS[f"radius_minov{overlap}"], rtol=1e-5
    )


@pytest.mark.parametrize("case", [f"draw{k}" for k in range(5)])
def test_peaks_are_drawn_as_by_mmdet(case):
    center, radius = VECTORS[f"{case}/center_xy"], VECTORS[f"{case}/radius"]
    np.testing.assert_allclose(
        draw([center], [radius])[..., 0],
        VECTORS[f"{case}/heatmap24x32"],
        atol=1e-6,
    )


def test_the_highest_counts_where_peaks_meet():
    # The two that the vector was drawn from.
    cases = [0, 4]
    np.testing.assert_allclose(
        draw(
            [VECTORS[f"draw{k}/center_xy"] for k in cases],
            [VECTORS[f"draw{k}/radius"] for k in cases],
        )[..., 0],
        VECTORS["overlap/heatmap24x32"],
        atol=1e-6,
    )


def test_many_objects_in_many_channels():
    """As each alone, one after the other; more than one group of them."""
    rng = np.random.default_rng(0)
    count = GROUP + 9
    centers = rng.integers(-3, 34, (count, 2))
    radii, channels = rng.integers(0, 6, (2, count))
    drawn = rng.uniform(size=count) < 0.8
    expected = np.zeros((*SIZE, 6), "float32")
    for k in np.flatnonzero(drawn):
        one = draw(centers[k : k + 1], radii[k : k + 1])[..., 0]
        plane = expected[..., channels[k]]
        expected[..., channels[k]] = np.maximum(plane, one)
    np.testing.assert_allclose(
        draw(centers, radii, channels, 6, drawn), expected, rtol=1e-5
    )


def test_a_channel_out_of_range_leaves_no_trace():
    heat = draw([[3, 4], [5, 5], [9, 9]], [2, 2, 2], [2, -1, 1], 2)
    np.testing.assert_allclose(heat[..., 1:], draw([[9, 9]], [2]), atol=1e-6)
    assert not heat[..., 0].any()


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="other backends know all sizes when they trace",
)
@pytest.mark.parametrize("xla", [False, True])
def test_a_number_of_objects_that_is_not_known(xla):
    import tensorflow as tf

    rng = np.random.default_rng(0)
    count = GROUP + 9
    centers = rng.integers(-3, 34, (1, count, 2)).astype("float32")
    radii, channels = rng.integers(0, 6, (2, 1, count)).astype("int32")
    drawn = rng.uniform(size=(1, count)) < 0.8
    truth = [centers, radii, channels, drawn]
    run = tf.function(
        lambda *truth: draw_gaussians(*truth, SIZE, 6),
        input_signature=[
            tf.TensorSpec((None, None, *x.shape[2:]), x.dtype) for x in truth
        ],
        jit_compile=xla,
    )
    np.testing.assert_allclose(
        to_numpy(run(*truth)),
        to_numpy(draw_gaussians(*truth, SIZE, 6)),
        atol=1e-6,
    )


@cases(30)
@given(
    x=st.integers(0, 31),
    y=st.integers(0, 23),
    radius=st.integers(0, 40),
)
def test_the_centre_is_exactly_one(x, y, radius):
    heat = draw([[x, y]], [radius])[..., 0]
    assert heat[y, x] == 1
    assert (heat == 1).sum() == 1
    assert heat.min() >= 0


def test_drawing_compiles():
    centers = np.array([[[3, 4], [9, 2]], [[0, 0], [5, 5]]])
    radii = np.array([[2, 1], [3, 4]])
    channels = np.array([[0, 1], [1, 1]], "int32")
    drawn = np.array([[True, True], [True, False]])

    def run(*truth):
        return draw_gaussians(*truth, (8, 16), 2)

    truth = [
        keras.ops.convert_to_tensor(x)
        for x in (centers, radii, channels, drawn)
    ]
    np.testing.assert_allclose(
        to_numpy(compiled(run)(*truth)), to_numpy(run(*truth)), atol=1e-6
    )


def heat_of_vectors():
    return VECTORS["decode/scores"].transpose(0, 2, 3, 1)


def test_local_maxima_are_mmdets():
    heat = heat_of_vectors()
    kept = np.where(to_numpy(local_maxima(heat)), heat, 0)
    np.testing.assert_array_equal(
        kept, VECTORS["decode/localmax"].transpose(0, 2, 3, 1)
    )


def test_top_peaks_are_mmdets():
    def run(heat):
        return top_peaks(heat, 20)

    heat = keras.ops.convert_to_tensor(heat_of_vectors())
    scores, places, classes = to_numpy(compiled(run)(heat))
    np.testing.assert_allclose(scores, VECTORS["decode/top_score"], atol=1e-7)
    np.testing.assert_array_equal(places, VECTORS["decode/top_idx"])
    np.testing.assert_array_equal(classes, VECTORS["decode/top_cls"])
    np.testing.assert_array_equal(places // 32, VECTORS["decode/ys"])
    np.testing.assert_array_equal(places % 32, VECTORS["decode/xs"])


def test_more_peaks_than_maxima():
    heat = np.zeros((1, 2, 2, 1), "float32")
    heat[0, 1, 0, 0] = 0.5
    scores, places, _ = to_numpy(top_peaks(heat, 9))
    assert scores.tolist() == [[0.5, 0, 0, 0]]
    assert places[0, 0] == 2


def test_cells_inside_boxes():
    x, y = np.meshgrid(np.arange(4.0), np.arange(3.0))
    cells = 4 * np.stack([x, y, x + 1, y + 1], axis=-1)
    boxes = np.array([[[3, 0, 11, 7], [0, 8, 16, 12], [0, 0, 16, 16]]], "f4")
    inside = inside_boxes(boxes, np.array([[True, True, False]]), cells)
    expected = [[0, 1, 1, 0], [0, 1, 1, 0], [1, 1, 1, 1]]
    np.testing.assert_array_equal(to_numpy(inside)[0], np.array(expected) > 0)


@pytest.mark.parametrize("overlap", [0, 1, -0.5])
def test_an_overlap_out_of_range_is_an_error(overlap):
    with pytest.raises(ValueError, match="min_overlap above 0"):
        gaussian_radius([[3.0, 4.0]], min_overlap=overlap)
