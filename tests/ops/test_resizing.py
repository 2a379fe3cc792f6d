import math
import re
from fractions import Fraction
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from mtvision.ops.resizing import (
    enlarge,
    resize_bicubic,
    resize_bilinear,
    resize_like,
    resize_nearest,
)

pillow = pytest.importorskip("PIL.Image")

# torch 2.13.0: F.interpolate of float64, (N, C, H, W); _aa: antialias,
# _ac: align_corners.
VECTORS = dict(np.load(Path(__file__).parents[1] / "vectors" / "resizing.npz"))
CASES = sorted(name.removesuffix("/y") for name in VECTORS if "/y" in name)
MODES = {
    "nearest": lambda x, size: resize_nearest(x, size, half_pixel=False),
    "bilinear": resize_bilinear,
    "bilinear_aa": lambda x, size: resize_bilinear(x, size, antialias=True),
    "bilinear_ac": lambda x, size: resize_bilinear(x, size, align_corners=True),
    "bicubic": resize_bicubic,
    "bicubic_aa": lambda x, size: resize_bicubic(
        x, size, a=-0.5, antialias=True
    ),
}
RESIZES = [resize_nearest, *MODES.values()]


def resize(x, size, **kwargs):
    reference = np.zeros((x.shape[0], *size, 2), "float32")
    return to_numpy(resize_like(ops.convert_to_tensor(x), reference, **kwargs))


def by_pillow(x, size, filter_name):
    """Pillow's half-pixel resizing, without smoothing when it enlarges."""
    planes = [
        np.asarray(
            pillow.fromarray(plane).resize(
                size[::-1], getattr(pillow.Resampling, filter_name)
            )
        )
        for plane in np.moveaxis(x, -1, 1).reshape(-1, *x.shape[1:3])
    ]
    planes = np.reshape(planes, (x.shape[0], x.shape[3], *size))
    return np.moveaxis(planes, 1, -1)


def maps(height, width, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(2, height, width, 3)).astype("float32")


@pytest.mark.parametrize("size", [(10, 14), (11, 9), (3, 4), (2, 2)])
def test_nearest_is_pillows(size):
    x = maps(5, 7)
    result = resize(x, size, interpolation="nearest")
    np.testing.assert_array_equal(result, by_pillow(x, size, "NEAREST"))


@pytest.mark.parametrize(
    ("old", "new"), [(4, 6), (2, 41), (6, 37), (6, 9), (9, 6)]
)
def test_nearest_is_exact_where_a_position_falls_between_pixels(old, new):
    """There all libraries differ, as their positions are rounded floats."""
    x = np.arange(old, dtype="float32").reshape(1, 1, old, 1)
    centres = [Fraction(2 * i + 1, 2) * old / new for i in range(new)]
    result = resize(x, (1, new), interpolation="nearest")
    assert result.ravel().tolist() == [math.floor(c) for c in centres]


@pytest.mark.parametrize("size", [(10, 14), (11, 9), (5, 8)])
def test_bilinear_enlarges_as_pillow_does(size):
    x = maps(5, 7)
    np.testing.assert_allclose(
        resize(x, size), by_pillow(x, size, "BILINEAR"), atol=1e-5
    )


def test_bilinear_does_not_smooth_when_it_shrinks():
    # Between pixels 1 and 2, and 5 and 6: no other pixel counts.
    x = np.arange(8, dtype="float32").reshape(1, 1, 8, 1) ** 2
    result = resize(x, (1, 2))
    np.testing.assert_allclose(result[0, 0, :, 0], [2.5, 30.5], atol=1e-6)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_same_size_is_the_identity(interpolation):
    x = maps(5, 7)
    result = resize(x, (5, 7), interpolation=interpolation)
    np.testing.assert_allclose(result, x, atol=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int32", "uint8"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_keeps_the_dtype(dtype, interpolation):
    x = ops.cast(np.full((1, 3, 3, 1), 200.0), dtype)
    y = resize_like(x, np.zeros((1, 7, 5)), interpolation=interpolation)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    np.testing.assert_array_equal(to_numpy(ops.cast(y, "float32")), 200.0)


def test_class_indices_stay_class_indices():
    x = np.array([[0, 20], [255, 7]], "int32").reshape(1, 2, 2, 1)
    result = resize(x, (3, 5), interpolation="nearest")
    assert set(result.ravel()) <= {0, 20, 255, 7}


def test_integers_are_rounded():
    x = np.array([0, 3], "int32").reshape(1, 1, 2, 1)  # 0, 0.75, 2.25, 3
    assert resize(x, (1, 4)).ravel().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("size", [(4, 6), (5, 7), (1, 2)])
def test_gradient_is_spread_over_the_source(interpolation, size):
    """Weights of every result sum to one, so the gradients sum to its size."""
    reference = np.zeros((2, *size, 1), "float32")

    def resized(x):
        return resize_like(x, reference, interpolation=interpolation)

    slope = gradient(resized, maps(2, 3))
    np.testing.assert_allclose(slope.sum((1, 2)), size[0] * size[1], rtol=1e-5)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("size", [(4, 6), (5, 7)])
def test_compiles(interpolation, size):
    x, reference = maps(2, 3), np.zeros((2, *size, 1), "float32")

    def function(x):
        return resize_like(x, reference, interpolation=interpolation)

    np.testing.assert_allclose(
        to_numpy(compiled(function)(ops.convert_to_tensor(x))),
        to_numpy(function(x)),
        atol=1e-6,
    )


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="only graphs have no sizes"
)
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_sizes_known_only_at_run_time(interpolation, jit_compile):
    import tensorflow as tf

    unknown = tf.TensorSpec((None, None, None, 3))

    @tf.function(input_signature=[unknown] * 2, jit_compile=jit_compile)
    def function(x, reference):
        return resize_like(x, reference, interpolation=interpolation)

    for size in [(10, 14), (3, 4), (7, 9), (1, 1)]:
        x = maps(5, 7)
        np.testing.assert_allclose(
            function(x, np.zeros((2, *size, 3), "float32")),
            resize(x, size, interpolation=interpolation),
            atol=1e-5,
        )


def test_unknown_interpolation():
    with pytest.raises(ValueError, match="'bilinear', 'bicubic', 'nearest'"):
        resize(maps(2, 2), (4, 4), interpolation="cubic")


def test_rank():
    with pytest.raises(ValueError, match="rank 4"):
        resize_like(np.zeros((2, 2)), np.zeros((1, 4, 4, 1)))


def test_symbolic_tensors_of_unknown_size():
    x = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="inside a layer"):
        resize_like(x, x)


@pytest.mark.parametrize("case", CASES)
def test_equals_pytorch(case):
    pattern = r"(\w+)_to_(\d+)x(\d+)_(\w+)"
    source, height, width, mode = re.match(pattern, case).groups()
    x = np.moveaxis(VECTORS[f"x_{source}"], 1, -1)
    size = int(height), int(width)
    found = to_numpy(MODES[mode](ops.convert_to_tensor(x), size))
    expected = np.moveaxis(VECTORS[f"{case}/y"], 1, -1)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=1e-6 * scale)
    if mode == "bicubic_aa" and min(size) > 5:  # nothing is to be smoothed
        found = to_numpy(resize_bicubic(ops.convert_to_tensor(x), size, a=-0.5))
        inner = found - expected if height > "8" else 0 * found
        np.testing.assert_allclose(inner, 0, atol=1e-6 * scale)


def exact_cubic(x, a):
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0


@pytest.mark.parametrize("a", [-0.75, -0.5, -1.0])
@pytest.mark.parametrize("renormalize", [False, True])
@pytest.mark.parametrize(("old", "new"), [(3, 7), (7, 3), (1, 4), (5, 5)])
def test_bicubic_is_the_sum_of_keys_kernels(a, renormalize, old, new):
    expected = np.zeros((new, old))
    for row in range(new):
        centre = Fraction(2 * row + 1, 2) * old / new - Fraction(1, 2)
        first = math.floor(centre) - 1
        for pixel in range(first, first + 4):
            if renormalize and not 0 <= pixel < old:
                continue
            weight = exact_cubic(float(pixel - centre), a)
            expected[row, min(max(pixel, 0), old - 1)] += weight
    expected /= expected.sum(1, keepdims=True)
    x = np.eye(old, dtype="float32")[None, :, :, None]
    matrix = resize_bicubic(x, (new, old), a=a, renormalize=renormalize)
    np.testing.assert_allclose(
        to_numpy(matrix)[0, :, :, 0], expected, atol=1e-6
    )


def test_bicubic_with_a_half_is_exact_for_parabolas():
    x = np.arange(16, dtype="float32").reshape(1, 1, 16, 1)
    y = to_numpy(resize_bicubic(x**2, (1, 48), a=-0.5))[0, 0, :, 0]
    places = (np.arange(48) + 0.5) / 3 - 0.5
    np.testing.assert_allclose(y[6:-6], places[6:-6] ** 2, rtol=1e-4)


@pytest.mark.parametrize("resize", RESIZES)
def test_constants_stay_and_gradients_sum_to_the_size(resize):
    x = maps(4, 5)
    same = to_numpy(resize(np.full((1, 4, 5, 1), 3.0, "float32"), (6, 3)))
    np.testing.assert_allclose(same, 3.0, rtol=1e-6)
    slope = gradient(lambda x: resize(x, (6, 3)), x)
    np.testing.assert_allclose(slope.sum((1, 2)), 18, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(resize(x, (4, 5))), x, atol=1e-6)
    run = compiled(lambda x: resize(x, (6, 3)))
    np.testing.assert_allclose(
        to_numpy(run(ops.convert_to_tensor(x))),
        to_numpy(resize(x, (6, 3))),
        atol=1e-5,
    )


@pytest.mark.parametrize("resize", RESIZES)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "uint8"])
def test_functions_keep_the_dtype(resize, dtype):
    y = resize(ops.cast(np.full((1, 3, 3, 1), 200.0), dtype), (7, 2))
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    np.testing.assert_array_equal(to_numpy(ops.cast(y, "float32")), 200.0)


@pytest.mark.parametrize("resize", RESIZES)
def test_functions_of_symbolic_tensors(resize):
    assert resize(keras.Input((4, 5, 3)), (8, 3)).shape == (None, 8, 3, 3)
    with pytest.raises(ValueError, match="compute_output_shape"):
        resize(keras.Input((None, 5, 3)), (8, 3))


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="only graphs have no sizes"
)
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("resize", RESIZES)
def test_functions_of_sizes_known_only_at_run_time(resize, jit_compile):
    import tensorflow as tf

    unknown = tf.TensorSpec((None, None, None, 3))

    @tf.function(input_signature=[unknown] * 2, jit_compile=jit_compile)
    def function(x, reference):
        return resize(x, ops.shape(reference)[1:3])

    x = maps(5, 7)
    for size in [(10, 14), (3, 4), (1, 1)]:
        np.testing.assert_allclose(
            function(x, np.zeros((2, *size, 3), "float32")),
            resize(x, size),
            atol=1e-5,
        )


def test_enlarging_is_resizing_to_a_multiple():
    x = maps(3, 5)
    np.testing.assert_array_equal(
        to_numpy(enlarge(x, 4)), to_numpy(resize_bilinear(x, (12, 20)))
    )


@pytest.mark.parametrize("factor", [0, 1.5, "2"])
def test_a_factor_that_is_none(factor):
    with pytest.raises(ValueError, match="factor"):
        enlarge(maps(3, 5), factor)


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="only graphs have no sizes"
)
def test_enlarges_maps_of_a_size_known_only_at_run_time():
    import tensorflow as tf

    function = tf.function(
        lambda x: enlarge(x, 2),
        input_signature=[tf.TensorSpec((None, None, None, 3))],
    )
    for x in [maps(5, 7), maps(1, 1)]:
        np.testing.assert_allclose(function(x), enlarge(x, 2), atol=1e-5)


@pytest.mark.parametrize("resize", RESIZES)
def test_bad_input(resize):
    with pytest.raises(ValueError, match="rank 4"):
        resize(np.zeros((2, 2)), (4, 4))
    for size in [4, (4,), (0, 4), (4.0, 4)]:
        with pytest.raises(ValueError, match="size"):
            resize(maps(2, 2), size)


@pytest.mark.parametrize("resize", [resize_bilinear, resize_bicubic])
def test_smoothing_of_corners_is_refused(resize):
    with pytest.raises(ValueError, match="received both"):
        resize(maps(2, 2), (4, 4), align_corners=True, antialias=True)


def test_integers_neither_overflow_nor_lose_digits():
    steps = np.array([0, 0, 255, 255], "uint8").reshape(1, 1, 4, 1)
    found = to_numpy(resize_bicubic(steps, (1, 8)))[0, 0, :, 0]
    # torch 2.13.0: F.interpolate of uint8, bicubic.
    np.testing.assert_array_equal(found, [0, 0, 0, 58, 197, 255, 255, 255])
    large = np.array([2**24 + 1, 7], "int32").reshape(1, 1, 2, 1)
    for half_pixel in (False, True):
        found = resize_nearest(large, (1, 4), half_pixel=half_pixel)
        assert to_numpy(found).ravel().tolist() == [2**24 + 1] * 2 + [7] * 2
    masks = np.array([True, False]).reshape(1, 1, 2, 1)
    found = to_numpy(resize_bilinear(masks, (1, 4))).ravel().tolist()
    assert found == [True, True, False, False]
