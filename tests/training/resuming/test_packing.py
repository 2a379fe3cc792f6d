"""Values come back from bytes as they were, or not at all."""

import hashlib
import struct

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from batteries.properties import cases
from mtvision.training.resuming import packing

NUMBERS = arrays_of.arrays(
    st.sampled_from(["float32", "float64", "int8", "uint32", "bool"]),
    arrays_of.array_shapes(min_dims=0, min_side=0, max_side=3),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    LEAVES | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


def there_and_back(value):
    return packing.unpack(b"".join(bytes(p) for p in packing.pack(value)))


@cases(100)
@given(VALUES)
def test_all_that_is_packed_comes_back(value):
    np.testing.assert_equal(there_and_back(value), value)
    assert str(there_and_back(value)) == str(value)


@cases(50)
@given(VALUES, st.data())
def test_one_byte_more_or_less_is_noticed(value, data):
    whole = b"".join(bytes(p) for p in packing.pack(value))
    place = data.draw(st.integers(0, len(whole) - 1))
    altered = bytearray(whole)
    altered[place] ^= data.draw(st.integers(1, 255))
    for harmed in (altered, whole[:place], whole + b"x"):
        with pytest.raises(packing.NotWhole):
            packing.unpack(bytes(harmed))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int32", "float32"])
def test_variables_keep_their_kind(dtype):
    variable = keras.Variable([1.0, 2.5, -3.0], dtype=dtype, trainable=False)
    found = there_and_back({"a": [variable, variable.value]})["a"]
    before = keras.ops.convert_to_numpy(variable.value)
    for array in found:
        assert array.dtype == before.dtype
        assert array.tobytes() == before.tobytes()


def test_numbers_of_numpy_stay_such():
    assert isinstance(there_and_back(np.float32(0.1)), np.float32)


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {1, 2}, np.array(["a"]), np.array([None])]
)
def test_other_things_are_refused(value):
    with pytest.raises(TypeError, match="received"):
        packing.check({"a": [value]})


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[]",
        b'{"tree": 1}',
        b'{"tree": {"~array": 0}, "arrays": []}',
        b'{"tree": 1, "arrays": [{"dtype": "float32", "shape": [9]}]}',
        b'{"tree": 1, "arrays": [{"dtype": "object", "shape": [0]}]}',
        b'{"tree": 1, "arrays": [{"dtype": "no", "shape": [1]}]}',
    ],
)
def test_a_checksum_of_other_contents(text):
    whole = next(packing.pack(None))[: len(packing.MAGIC)]
    whole += struct.pack("<IQ", packing.VERSION, len(text)) + text
    whole += hashlib.sha256(whole).digest()
    with pytest.raises(packing.NotWhole, match="contents cannot be read"):
        packing.unpack(whole)


def test_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(packing, "VERSION", 2)
    data = b"".join(bytes(p) for p in packing.pack({}))
    monkeypatch.undo()
    with pytest.raises(ValueError, match="expected format 1, received 2"):
        packing.unpack(data)
