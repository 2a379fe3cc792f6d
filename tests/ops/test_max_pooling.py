import ast
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import max_pool_with_argmax, max_unpool
from mtvision.ops.cells import unpool_by_cells
from mtvision.ops.compiling import compiled as by_xla
from mtvision.ops.max_pooling import pool_by_pixels, standardize_pooling

# torch 2.13.0: max_pool2d and max_unpool2d of float64, (N, C, H, W), with
# the gradients of the cotangents gy and g.
VECTORS = dict(
    np.load(Path(__file__).parents[1] / "vectors" / "max_pooling.npz")
)
CASES = sorted({name.split("/")[0] for name in VECTORS})
RNG = np.random.default_rng(0)


def options_of(case):
    pattern = r"H(\d+)W(\d+)_k(.+)_s(.+)_p(.+)_c(\d)"
    numbers = [ast.literal_eval(n) for n in re.match(pattern, case).groups()]
    height, width, window, strides, padding, ceil_mode = numbers
    return (height, width), {
        "pool_size": window,
        "strides": strides,
        "padding": padding,
        "ceil_mode": bool(ceil_mode),
    }


def last(case, name, dtype="float32"):
    array = np.moveaxis(VECTORS[f"{case}/{name}"], 1, -1)
    return np.ascontiguousarray(array).astype(dtype)


def pure_pool(x, pool_size, *, strides, padding, ceil_mode):
    names = ("pool_size", "strides", "padding")
    numbers = standardize_pooling(pool_size, strides, padding)
    return by_xla(pool_by_pixels)(
        ops.convert_to_tensor(x),
        ceil_mode=ceil_mode,
        **dict(zip(names, numbers)),
    )


def pure_unpool(values, indices, size):
    values, indices = map(ops.convert_to_tensor, (values, indices))
    return by_xla(unpool_by_cells)(values, indices, size=size)


def maps(*shape):
    """Maps without equal pixels or zeros."""
    x = RNG.permutation(np.prod(shape)).reshape(shape)
    return ((x + 0.25) / x.size - 0.5).astype("float32")


@pytest.mark.parametrize("pool", [max_pool_with_argmax, pure_pool])
@pytest.mark.parametrize("case", CASES)
def test_pooling_equals_pytorch(case, pool):
    _, options = options_of(case)
    x = last(case, "x")
    values, indices = pool(x, **options)
    np.testing.assert_allclose(to_numpy(values), last(case, "y"), rtol=1e-6)
    np.testing.assert_array_equal(to_numpy(indices), last(case, "idx", "int32"))
    assert keras.backend.standardize_dtype(indices.dtype) == "int32"
    slope = ops.convert_to_tensor(last(case, "gy"))
    found = gradient(lambda x: pool(x, **options)[0] * slope, x)
    np.testing.assert_allclose(found, last(case, "gx"), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("unpool", [max_unpool, pure_unpool])
@pytest.mark.parametrize("case", CASES)
def test_unpooling_equals_pytorch(case, unpool):
    size, _ = options_of(case)
    values, indices = last(case, "v"), last(case, "idx", "int32")
    maps = unpool(values, indices, size)
    np.testing.assert_allclose(to_numpy(maps), last(case, "unpool"), rtol=1e-6)
    slope = ops.convert_to_tensor(last(case, "g"))
    found = gradient(lambda v: unpool(v, indices, size) * slope, values)
    # PyTorch gives a gradient to the values too that it has written over.
    stays = to_numpy(maps).reshape(len(maps), -1, maps.shape[-1])
    rows = indices.reshape(len(maps), -1, maps.shape[-1])
    stays = np.take_along_axis(stays, rows, 1).reshape(values.shape) == values
    expected = np.where(stays, last(case, "gv"), 0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert stays.all() or VECTORS[f"{case}/dup_indices"]


def test_the_worked_example():
    values = np.array([[1.0, 2], [3, 4]], "float32").reshape(1, 2, 2, 1)
    indices = np.array([[5, 2], [12, 15]]).reshape(1, 2, 2, 1)
    plane = to_numpy(max_unpool(values, indices, (4, 4)))[0, ..., 0]
    expected = [[0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]
    np.testing.assert_array_equal(plane, expected)


@st.composite
def poolings(draw):
    window = draw(st.tuples(*[st.integers(1, 4)] * 2))
    return {
        "pool_size": window,
        "strides": draw(st.tuples(*[st.integers(1, 5)] * 2)),
        "padding": tuple(draw(st.integers(0, k // 2)) for k in window),
        "ceil_mode": draw(st.booleans()),
    }


@cases(25)
@given(poolings(), st.integers(4, 9), st.integers(4, 9))
def test_unpooling_keeps_every_maximum_in_place(options, height, width):
    x = maps(2, height, width, 2)
    values, indices = max_pool_with_argmax(x, **options)
    found = to_numpy(max_unpool(values, indices, (height, width)))
    chosen = np.zeros(x.shape, bool).reshape(2, -1, 2)
    rows = to_numpy(indices).reshape(2, -1, 2)
    np.put_along_axis(chosen, rows, True, axis=1)
    np.testing.assert_array_equal(
        found, np.where(chosen.reshape(x.shape), x, 0)
    )


@cases(25)
@given(poolings(), st.integers(4, 9), st.integers(4, 9))
def test_forms_are_equal(options, height, width):
    x = maps(2, height, width, 2)
    for a, b in zip(
        max_pool_with_argmax(x, **options), pure_pool(x, **options)
    ):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


@pytest.mark.parametrize("options", [{}, {"strides": 1}, {"padding": 1}])
def test_the_gradient_of_both_goes_to_the_maxima_once(options):
    x = maps(2, 6, 6, 3)

    def both(x):
        values, indices = max_pool_with_argmax(x, 2, **options)
        return max_unpool(values, indices, (6, 6))

    kept = to_numpy(both(x)) != 0
    np.testing.assert_array_equal(gradient(both, x), kept)


@pytest.mark.parametrize("pool", [max_pool_with_argmax, pure_pool])
@pytest.mark.parametrize("window", [2, (2, 3), 3])
def test_the_first_of_equal_maxima_wins(pool, window):
    x = np.full((1, 6, 6, 1), 7.0, "float32")
    height, width = (window, window) if isinstance(window, int) else window
    strides = {"strides": window, "padding": 0, "ceil_mode": False}
    indices = to_numpy(pool(x, window, **strides)[1])
    corners = np.arange(36).reshape(6, 6)[::height, ::width]
    np.testing.assert_array_equal(indices[0, ..., 0], corners)
    found = gradient(lambda x: pool(x, window, **strides)[0], x)
    assert set(np.flatnonzero(found)) == set(corners.ravel())


@pytest.mark.parametrize("pool", [max_pool_with_argmax, pure_pool])
@pytest.mark.parametrize("padding", [0, 1])
def test_nan_and_infinity(pool, padding):
    x = np.arange(36, dtype="float32").reshape(1, 6, 6, 1)
    x[0, :2, :2] = -np.inf
    x[0, 3, 2] = np.nan
    x[0, 5, 5] = np.inf
    options = {"strides": 2, "padding": padding, "ceil_mode": False}
    values, indices = (to_numpy(y) for y in pool(x, 2, **options))
    assert (indices >= 0).all()
    flat = x.ravel()[indices]
    np.testing.assert_array_equal(values, flat)
    assert np.isnan(values).sum() == 1
    assert indices[0, 0, 0, 0] == 0
    assert np.isinf(values[0, -1, -1, 0])


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_keeps_the_dtype(dtype):
    x = ops.cast(np.arange(64).reshape(1, 8, 8, 1), dtype)
    dtype = keras.backend.standardize_dtype(x.dtype)  # JAX has no float64
    for options in ({}, {"strides": 1, "padding": 1}):
        values, indices = max_pool_with_argmax(x, 2, **options)
        y = max_unpool(values, indices, (8, 8))
        assert keras.backend.standardize_dtype(values.dtype) == dtype
        assert keras.backend.standardize_dtype(y.dtype) == dtype
        values, indices = (
            to_numpy(ops.cast(values, "float32")),
            to_numpy(indices),
        )
        np.testing.assert_array_equal(values, indices)


@pytest.mark.parametrize("unpool", [max_unpool, pure_unpool])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_indices_outside_of_the_map_are_passed_over(unpool, dtype):
    indices = np.array([[3, 16], [99, 12]], "int32").reshape(1, 2, 2, 1)
    if dtype != "uint8":
        indices[0, 0, 0] = -1
    indices = np.repeat(indices, 2, axis=-1).astype(dtype)
    if unpool is pure_unpool:
        indices = indices.astype("int32")
    values = np.ones((1, 2, 2, 2), "float32")
    found = to_numpy(unpool(values, indices, (4, 4)))
    places = {12} if indices.min() < 0 else {3, 12}
    for channel in (0, 1):
        assert set(np.flatnonzero(found[..., channel])) == places
    slope = gradient(lambda v: unpool(v, indices, (4, 4)), values)
    assert slope.sum() == 2 * len(places)


@pytest.mark.parametrize("options", [{}, {"strides": 2, "padding": 1}])
def test_compiles(options):
    x = ops.convert_to_tensor(maps(2, 9, 8, 3))

    def both(x):
        values, indices = max_pool_with_argmax(x, 3, **options)
        return max_unpool(values, indices, x.shape[1:3])

    np.testing.assert_array_equal(
        to_numpy(compiled(both)(x)), to_numpy(both(x))
    )


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="only graphs have no sizes"
)
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("options", [{}, {"padding": 1, "ceil_mode": True}])
def test_sizes_known_only_at_run_time(jit_compile, options):
    import tensorflow as tf

    unknown = tf.TensorSpec((None, None, None, 3))

    @tf.function(input_signature=[unknown], jit_compile=jit_compile)
    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            values, indices = max_pool_with_argmax(x, 2, **options)
            y = max_unpool(values, indices, ops.shape(x)[1:3])
        return y, tape.gradient(y, x)

    for size in [(8, 8), (9, 7)]:
        x = maps(2, *size, 3)
        values, indices = max_pool_with_argmax(x, 2, **options)
        y, slope = both(x)
        np.testing.assert_array_equal(y, max_unpool(values, indices, size))
        np.testing.assert_array_equal(slope, y != 0)


def test_bad_input():
    x = np.zeros((1, 4, 4, 1), "float32")
    with pytest.raises(ValueError, match="rank 4"):
        max_pool_with_argmax(x[0], 2)
    with pytest.raises(ValueError, match="floating point"):
        max_pool_with_argmax(x.astype("int32"), 2)
    with pytest.raises(ValueError, match="pool_size"):
        max_pool_with_argmax(x, 0)
    with pytest.raises(ValueError, match="strides"):
        max_pool_with_argmax(x, 2, strides=(1, 2, 3))
    with pytest.raises(ValueError, match="at most half"):
        max_pool_with_argmax(x, 2, padding=2)
    with pytest.raises(ValueError, match="as large as a window"):
        max_pool_with_argmax(x, 5)
    with pytest.raises(ValueError, match="MaxPoolWithArgmax2D"):
        max_pool_with_argmax(keras.Input((4, 4, 1)), 2)
    indices = np.zeros((1, 4, 4, 1), "int32")
    with pytest.raises(ValueError, match="same shape"):
        max_unpool(x, indices[:, :2], (8, 8))
    with pytest.raises(ValueError, match="integers"):
        max_unpool(x, x, (8, 8))
    for size in [8, (8,), (8, 0), (8, 8.0)]:
        with pytest.raises(ValueError, match="output_size"):
            max_unpool(x, indices, size)


@pytest.mark.parametrize("pool", [max_pool_with_argmax, pure_pool])
def test_the_last_nan_wins_as_in_pytorch(pool):
    x = np.array([[1, np.nan], [np.nan, 5]], "float32")[None, ..., None]
    options = {"strides": 2, "padding": 0, "ceil_mode": False}
    values, indices = pool(x, 2, **options)
    assert np.isnan(to_numpy(values)).all()
    assert to_numpy(indices).ravel().tolist() == [2]


def test_a_weight_of_a_layer_within_a_step():
    """On TensorFlow, Keras hands variables on as they are."""
    weight = keras.Variable(np.arange(16, dtype="float32").reshape(1, 4, 4, 1))
    run = compiled(lambda x: max_pool_with_argmax(weight, 2)[0] + x)
    found = to_numpy(run(np.float32(1)))
    assert found.ravel().tolist() == [6, 8, 14, 16]
