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
from mtvision.ops import transposed_convolution

# torch 2.13.0: conv_transpose2d of float64, (N, C, H, W), weight (C, F, k, k),
# with the gradients of the cotangent g; of k32 the first image only.
VECTORS = dict(
    np.load(
        Path(__file__).parents[1] / "vectors" / "transposed_convolution.npz"
    )
)
CASES = sorted({name.split("/")[0] for name in VECTORS})
RNG = np.random.default_rng(0)


def options_of(case):
    pattern = r"k\d+_s(\d+)_p(\d+)_op(\d+)_d(\d+)"
    names = ("strides", "padding", "output_padding", "dilation_rate")
    return dict(zip(names, map(int, re.match(pattern, case).groups())))


def random(*shape):
    return RNG.normal(size=shape).astype("float32")


def assert_close(found, expected):
    scale = np.abs(expected).max()
    np.testing.assert_allclose(to_numpy(found), expected, atol=1e-5 * scale)


@pytest.mark.parametrize("case", CASES)
def test_value_and_gradients_equal_pytorch(case):
    names = ("x", "y", "g", "gx")
    x, y, slope, slope_x = (
        np.moveaxis(VECTORS[f"{case}/{n}"], 1, -1)
        if f"{case}/{n}" in VECTORS
        else None
        for n in names
    )
    kernel = VECTORS[f"{case}/w_iohw"].transpose(2, 3, 1, 0)
    bias = ops.convert_to_tensor(VECTORS[f"{case}/b"])

    def enlarge(x, kernel):
        x, kernel = map(ops.convert_to_tensor, (x, kernel))
        y = transposed_convolution(x, kernel, **options_of(case))
        return y + bias

    assert_close(enlarge(x, kernel), y)
    if slope is None:
        return
    slope = ops.convert_to_tensor(np.ascontiguousarray(slope))
    assert_close(gradient(lambda x: enlarge(x, kernel) * slope, x), slope_x)
    expected = VECTORS[f"{case}/gw"].transpose(2, 3, 1, 0)
    assert_close(gradient(lambda k: enlarge(x, k) * slope, kernel), expected)


def plane_of(x, kernel, **options):
    x = np.array(x, "float32")[None, ..., None]
    kernel = np.array(kernel, "float32")[..., None, None]
    return to_numpy(transposed_convolution(x, kernel, **options))[0, ..., 0]


def test_the_worked_example_of_stride_two():
    found = plane_of([[0.5, 0.25], [0, 1]], [[0, -1], [1, 0]], strides=2)
    expected = [
        [0, -0.5, 0, -0.25],
        [0.5, 0, 0.25, 0],
        [0, 0, 0, -1],
        [0, 0, 1, 0],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_worked_example_of_overlapping_stamps():
    found = plane_of([[2, 1], [4, 4]], [[1, 4, 1], [1, 4, 3], [3, 3, 1]])
    expected = [[2, 9, 6, 1], [6, 29, 30, 7], [10, 29, 33, 13], [12, 24, 16, 4]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_worked_example_in_one_dimension():
    x, y, z, a, b = 2.0, 3.0, 5.0, 7.0, 11.0
    found = plane_of([a, b], [x, y, z], strides=2)
    expected = [a * x, a * y, a * z + b * x, b * y, b * z]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@st.composite
def geometries(draw):
    def pair(low, high):
        return draw(st.tuples(*[st.integers(low, high)] * 2))

    kernel, strides, rates = pair(1, 4), pair(1, 4), pair(1, 3)
    return {
        "kernel": kernel,
        "strides": strides,
        "dilation_rate": rates,
        "padding": tuple(
            draw(st.integers(0, d * (k - 1))) for k, d in zip(kernel, rates)
        ),
        "output_padding": tuple(
            draw(st.integers(0, max(s, d) - 1)) for s, d in zip(strides, rates)
        ),
    }


def convolve(y, kernel, strides, padding, rates, size):
    """A convolution by loops over the kernel; (B, H, W, F) to (B, h, w, C)."""
    border = [(0, 0), *((p, p) for p in padding), (0, 0)]
    y = np.pad(y, border)
    total = 0
    for i, j in np.ndindex(*kernel.shape[:2]):
        rows = i * rates[0] + strides[0] * np.arange(size[0])
        columns = j * rates[1] + strides[1] * np.arange(size[1])
        total = total + y[:, rows][:, :, columns] @ kernel[i, j]
    return total


@cases(40)
@given(geometries(), st.integers(2, 4), st.integers(2, 4))
def test_it_is_the_adjoint_of_the_convolution(geometry, height, width):
    kernel = random(*geometry["kernel"], 2, 3)
    options = {k: v for k, v in geometry.items() if k != "kernel"}
    sides = [
        (n - 1) * s - 2 * p + d * (k - 1) + o + 1
        for n, k, s, p, o, d in zip(
            (height, width),
            geometry["kernel"],
            geometry["strides"],
            geometry["padding"],
            geometry["output_padding"],
            geometry["dilation_rate"],
        )
    ]
    x = random(1, height, width, 3)
    if min(sides) < 1:
        with pytest.raises(ValueError, match="leaves pixels"):
            transposed_convolution(x, kernel, **options)
        return
    y = random(1, *sides, 2)
    enlarged = to_numpy(transposed_convolution(x, kernel, **options))
    assert enlarged.shape == y.shape
    convolved = convolve(
        y,
        kernel,
        geometry["strides"],
        geometry["padding"],
        geometry["dilation_rate"],
        (height, width),
    )
    np.testing.assert_allclose(
        np.sum(enlarged * y), np.sum(x * convolved), rtol=1e-4, atol=1e-4
    )


def test_sequences_are_maps_of_one_row():
    x, kernel = random(2, 5, 3), random(4, 2, 3)
    options = {"strides": 3, "padding": 2, "output_padding": 1}
    rows = transposed_convolution(
        x[:, None],
        kernel[None],
        **{k: (0 if v < 3 else 1, v) for k, v in options.items()},
    )
    found = transposed_convolution(x, kernel, **options)
    assert_close(found, to_numpy(rows)[:, 0])


@pytest.mark.parametrize("rate", [1, 2])
def test_compiles(rate):
    x, kernel = random(2, 5, 6, 3), random(3, 3, 2, 3)
    kernel = ops.convert_to_tensor(kernel)

    def enlarge(x):
        return transposed_convolution(
            x, kernel, strides=2, padding=1, dilation_rate=rate
        )

    x = ops.convert_to_tensor(x)
    assert_close(compiled(enlarge)(x), to_numpy(enlarge(x)))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_keeps_the_dtype(dtype):
    x, kernel = (
        ops.cast(np.ones(s), dtype) for s in [(1, 4, 4, 3), (2, 2, 1, 3)]
    )
    y = transposed_convolution(x, kernel, strides=2)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    np.testing.assert_array_equal(to_numpy(ops.cast(y, "float32")), 3.0)


def test_symbolic_tensors_of_unknown_size():
    x = keras.Input((None, 7, 3))
    y = transposed_convolution(x, random(3, 3, 2, 3), strides=2, padding=1)
    assert y.shape == (None, None, 13, 2)


def test_bad_input():
    x, kernel = random(1, 4, 4, 3), random(3, 3, 2, 3)
    with pytest.raises(ValueError, match="rank 4"):
        transposed_convolution(x[0], kernel)
    with pytest.raises(ValueError, match="channels"):
        transposed_convolution(x[..., :2], kernel)
    with pytest.raises(ValueError, match="kernel"):
        transposed_convolution(x, kernel[0, 0])
    with pytest.raises(ValueError, match="strides"):
        transposed_convolution(x, kernel, strides=0)
    with pytest.raises(ValueError, match="padding"):
        transposed_convolution(x, kernel, padding="same")
    with pytest.raises(ValueError, match="less than strides"):
        transposed_convolution(x, kernel, strides=2, output_padding=2)
    with pytest.raises(ValueError, match="leaves pixels"):
        transposed_convolution(x, kernel, padding=3)
