"""Nested values with arrays as the bytes of one file, without pickle.

A file is `MAGIC`, the version of the format, the length of a JSON text, the
text, the arrays one after the other, and the SHA-256 of all that.
"""

import hashlib
import json
import struct

import keras
import numpy as np

MAGIC = b"mtvision-resume\n"
VERSION = 1
_HEAD = struct.Struct("<IQ")
_MALFORMED = (IndexError, KeyError, RecursionError, TypeError, ValueError)
_ARRAY, _NUMBER, _TUPLE = "~array", "~number", "~tuple"


class NotWhole(Exception):
    """What was read is cut off, altered, or no such file."""


def pack(value):
    """Turns a value into the parts of a file.

    Args:
        value: Dict, list or tuple, nested, of numbers, texts, `None`, and
            arrays or tensors.

    Yields:
        Bytes, to be written one after the other.

    Raises:
        TypeError: If there is something else in it.
    """
    arrays = []
    tree = _encode(value, arrays)
    text = json.dumps({"tree": tree, "arrays": [_spec(a) for a in arrays]})
    text = text.encode()
    digest = hashlib.sha256()
    for part in (
        MAGIC + _HEAD.pack(VERSION, len(text)),
        text,
        *map(_raw, arrays),
    ):
        digest.update(part)
        yield part
    yield digest.digest()


def unpack(data):
    """Turns the bytes of a file back into the value.

    Args:
        data: Bytes.

    Returns:
        The value; arrays and tensors as numpy.

    Raises:
        NotWhole: If the checksum or the contents do not fit.
        ValueError: If it is in a format of another version.
    """
    view = memoryview(data)
    start = len(MAGIC) + _HEAD.size
    size = hashlib.sha256().digest_size
    if len(data) < start + size or not data.startswith(MAGIC):
        raise NotWhole("it does not begin as such a file")
    if hashlib.sha256(view[:-size]).digest() != bytes(view[-size:]):
        raise NotWhole("its checksum does not fit")
    version, length = _HEAD.unpack_from(data, len(MAGIC))
    if version != VERSION:
        raise ValueError(
            f"expected format {VERSION}, received {version}, of another "
            "version of mtvision. Use that version, or begin in a new folder"
        )
    try:
        head = json.loads(bytes(view[start : start + length]))
        arrays = _arrays(view, start + length, head["arrays"])
        return _decode(head["tree"], arrays)
    # Whoever made the checksum may have made the rest by hand.
    except _MALFORMED as error:
        raise NotWhole(
            f"its contents cannot be read ({error!r:.80})"
        ) from error


def check(value):
    """Raises if a value cannot be kept in a file.

    Args:
        value: As for `pack`.

    Raises:
        TypeError: Naming the type that is in the way.
    """
    _encode(value, [])


def _encode(value, arrays):
    """A value as JSON knows it; its arrays are put aside."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, keras.Variable):
        value = value.value
    if keras.ops.is_tensor(value):
        value = keras.ops.convert_to_numpy(value)
    if isinstance(value, np.ndarray | np.generic):
        arrays.append(_checked(np.asarray(value)))
        kind = _ARRAY if isinstance(value, np.ndarray) else _NUMBER
        return {kind: len(arrays) - 1}
    if isinstance(value, list | tuple):
        values = [_encode(v, arrays) for v in value]
        return {_TUPLE: values} if isinstance(value, tuple) else values
    if isinstance(value, dict) and all(type(k) is str for k in value):
        return {key: _encode(v, arrays) for key, v in value.items()}
    raise TypeError(
        "expected numbers, texts, arrays, and lists or dicts of them by name, "
        f"received {type(value).__name__}"
    )


def _decode(tree, arrays):
    if isinstance(tree, list):
        return [_decode(v, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    if set(tree) == {_ARRAY}:
        return arrays[tree[_ARRAY]]
    if set(tree) == {_NUMBER}:
        return arrays[tree[_NUMBER]][()]
    if set(tree) == {_TUPLE}:
        return tuple(_decode(v, arrays) for v in tree[_TUPLE])
    return {key: _decode(v, arrays) for key, v in tree.items()}


def _checked(array):
    """An array of which name, shape and bytes tell all."""
    try:
        known = np.dtype(array.dtype.name) == array.dtype
    except TypeError:
        known = False
    if not known or array.dtype.hasobject:
        raise TypeError(f"expected numbers, received an array of {array.dtype}")
    return array


def _spec(array):
    return {"dtype": array.dtype.name, "shape": array.shape}


def _raw(array):
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _arrays(view, place, specs):
    """Copies of the arrays, as memory that can be written and is aligned."""
    found = []
    for spec in specs:
        dtype, shape = np.dtype(spec["dtype"]), tuple(spec["shape"])
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        raw = np.frombuffer(view[place : place + size], np.uint8).copy()
        found.append(raw.view(dtype).reshape(shape))
        place += size
    return found
