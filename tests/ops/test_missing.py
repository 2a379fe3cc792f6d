import keras
import numpy as np

from batteries.backend import gradient, to_numpy
from mtvision.ops import missing

NAN = float("nan")


def tensor(x, dtype=None):
    return keras.ops.convert_to_tensor(x, dtype=dtype)


def test_given_by_dtype():
    floats = missing.is_given(tensor([1.0, NAN, -1.0], "float32"))
    integers = missing.is_given(tensor([1, -1, -2], "int32"))
    unsigned = missing.is_given(tensor([1, 255], "uint8"))
    assert to_numpy(floats).tolist() == [True, False, True]
    assert to_numpy(integers).tolist() == [True, False, True]
    assert to_numpy(unsigned).tolist() == [True, True]


def test_classes_are_never_negative_and_may_be_ignored():
    given = missing.is_given(
        tensor([0.0, -1.0, NAN, 9.0], "float32"), classes=True, ignore_class=9
    )
    assert to_numpy(given).tolist() == [True, False, False, False]


def test_fill_missing_replaces_what_is_not_given():
    y = tensor([[1.0, NAN], [NAN, NAN]], "float32")
    given = tensor([True, False])
    filled = to_numpy(missing.fill_missing(y, given))
    np.testing.assert_array_equal(filled, [[1.0, NAN], [0.0, 0.0]])


def test_mark_missing_is_seen_by_every_dtype():
    y, given = np.array([[2, 255], [3, 4]], "uint8"), tensor([True, False])
    marked = to_numpy(missing.mark_missing(tensor(y), given))
    np.testing.assert_array_equal(marked, [[2, 255], [NAN, NAN]])


def test_block_gradient_stops_even_a_nan():
    def function(x):
        x = missing.block_gradient(x, tensor([True, False]))
        return keras.ops.sqrt(x)  # slope is infinite at zero

    slope = gradient(function, np.array([4.0, 0.0]))
    np.testing.assert_allclose(slope, [0.25, 0.0])


def test_all_over_last_axes():
    mask = tensor([[[True, True], [True, False]], [[True, True]] * 2])
    assert to_numpy(missing.all_over_last_axes(mask, 1)).tolist() == [
        False,
        True,
    ]
    assert to_numpy(missing.all_over_last_axes(mask, 2)).tolist() == [
        [True, False],
        [True, True],
    ]
    assert missing.all_over_last_axes(mask, 5) is mask
