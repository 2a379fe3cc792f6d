import math
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.box_deltas import (
    decode_boxes,
    decode_distances,
    encode_boxes,
    encode_distances,
)

# torchvision 0.28, BoxCoder and BoxLinearCoder.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "box_deltas.npz")
BOXES, ANCHORS = VECTORS["boxes"], VECTORS["anchors"]
WEIGHTS = {"w1_1": (1, 1, 1, 1), "w10_5": (10, 10, 5, 5)}
DEGENERATE = np.array(
    [[5, 5, 5, 5], [5, 5, 5, 9], [5, 5, 9, 5], [9, 9, 5, 5], [0, 0, 0, 0]],
    "float32",
)


def boxes(smallest):
    """Strategy of boxes (7, 4) with sides of `smallest` to 500 pixels.

    Those of 8 and more are anchors for all of them: 8 * 1000 / 16 = 500.
    """
    corners = arrays("float32", (7, 2), elements=st.floats(-500, 500, width=32))
    sizes = arrays(
        "float32", (7, 2), elements=st.floats(smallest, 500, width=32)
    )
    return st.builds(
        lambda corner, size: np.concatenate([corner, corner + size], -1),
        corners,
        sizes,
    )


def close(found, expected):
    """Within 1e-5 of the largest number."""
    atol = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("case", WEIGHTS)
def test_deltas_of_torchvision(case):
    weights = WEIGHTS[case]
    encoded = VECTORS[f"{case}/encode"]
    found = to_numpy(encode_boxes(BOXES, ANCHORS, weights=weights))
    np.testing.assert_allclose(found, encoded, rtol=1e-5, atol=1e-5)
    close(
        decode_boxes(encoded, ANCHORS, weights=weights),
        VECTORS[f"{case}/decode_roundtrip"],
    )
    # Two classes, and log scales beyond the limit.
    deltas = VECTORS[f"{case}/rel_codes_2cls"].reshape(-1, 2, 4)
    expected = VECTORS[f"{case}/decode_2cls"].reshape(-1, 2, 4)
    close(decode_boxes(deltas, ANCHORS[:, None], weights=weights), expected)


def test_distances_of_torchvision():
    encoded = VECTORS["linear_encode_norm"]
    # The vectors' code was made from the centres of the boxes.
    found = to_numpy(encode_distances(ANCHORS, BOXES))
    np.testing.assert_allclose(found, encoded, rtol=1e-5, atol=1e-5)
    close(decode_distances(encoded, ANCHORS), VECTORS["linear_decode_norm"])


def test_distances_in_pixels():
    found = encode_distances([2, 3, 9, 20], [0, 0, 8, 16], normalize=False)
    assert to_numpy(found).tolist() == [2, 5, 5, 12]


@cases(50)
@given(box=boxes(0.125), anchor=boxes(8.0))
def test_round_trip(box, anchor):
    for weights in WEIGHTS.values():
        deltas = encode_boxes(box, anchor, weights=weights)
        found = to_numpy(decode_boxes(deltas, anchor, weights=weights))
        np.testing.assert_allclose(found, box, atol=2e-3)
    for normalize in (True, False):
        distances = encode_distances(box, anchor, normalize=normalize)
        found = decode_distances(distances, anchor, normalize=normalize)
        np.testing.assert_allclose(to_numpy(found), box, atol=2e-3)


def test_empty_boxes_come_back():
    anchors = ANCHORS[:3]
    deltas = encode_boxes(DEGENERATE[:3], anchors)
    found = to_numpy(decode_boxes(deltas, anchors))
    np.testing.assert_allclose(found, DEGENERATE[:3], atol=1e-4)


@pytest.mark.parametrize("broken", [DEGENERATE, np.full((5, 4), np.nan)])
def test_degenerate_input_stays_finite(broken):
    broken = broken.astype("float32")
    real = BOXES[:5]
    for a, b in ((broken, real), (real, broken), (broken, broken)):
        for encode, decode in (
            (encode_boxes, decode_boxes),
            (encode_distances, decode_distances),
        ):
            encoded = to_numpy(encode(a, b))
            assert np.isfinite(encoded).all()
            assert np.isfinite(to_numpy(decode(encoded, b))).all()
            slope = gradient(lambda x, f=encode, b=b: f(x, b), a)
            assert np.isfinite(slope).all()
            slope = gradient(lambda x, f=decode, b=b: f(x, b), encoded)
            assert np.isfinite(slope).all()
    assert (to_numpy(encode_boxes(real, broken)) == 0).all()


def test_wild_deltas_are_cut():
    deltas = np.array([[0, 0, 1e30, -1e30]], "float32")
    anchor = np.array([[0, 0, 16, 16]], "float32")
    found = to_numpy(decode_boxes(deltas, anchor))
    np.testing.assert_allclose(found, [[-492, 8, 508, 8]], rtol=1e-5)
    found = to_numpy(decode_boxes(deltas, anchor, max_log_scale=math.log(2)))
    np.testing.assert_allclose(found, [[-8, 8, 24, 8]], rtol=1e-5)


def test_float32_whatever_comes_in():
    half = keras.ops.cast(ANCHORS, "bfloat16")
    for function in (encode_boxes, decode_boxes, encode_distances):
        assert to_numpy(function(half, half)).dtype == np.float32


def test_compiled_and_symbolic():
    def there_and_back(x):
        return decode_boxes(encode_boxes(x, ANCHORS), ANCHORS)

    close(compiled(there_and_back)(keras.ops.convert_to_tensor(BOXES)), BOXES)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, decode_boxes(inputs, inputs))
    assert model.output_shape == (None, None, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: encode_boxes(BOXES[:, :3], ANCHORS), r"\(30, 3\)"),
        (lambda: encode_boxes(BOXES[:7], ANCHORS), "boxes and anchors"),
        (lambda: encode_boxes(BOXES, ANCHORS, weights=(1, 1)), "four"),
        (lambda: decode_boxes(BOXES, ANCHORS, weights=(1, 1, 1, 0)), "four"),
        (lambda: decode_boxes(np.zeros((30, 8)), ANCHORS), "one box a class"),
        (lambda: decode_boxes(BOXES[:7], ANCHORS), "deltas and anchors"),
        (lambda: encode_distances(BOXES[:7], ANCHORS), "boxes and anchors"),
        (lambda: decode_distances(BOXES, ANCHORS[:7]), "distances"),
        (lambda: decode_distances(keras.Input((9, 5)), ANCHORS), "deltas"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
