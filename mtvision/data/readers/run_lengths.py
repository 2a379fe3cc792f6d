"""Masks as COCO keeps them: lengths of runs, down the columns."""

import numpy as np

# Lengths are kept in 32 bits: seven characters of five bits.
LONGEST = 7


def decode_runs(counts, shape):
    """Turns run lengths into a mask.

    Args:
        counts: Lengths of the runs of 0, 1, 0, ... down the columns, one
            column after the other.
        shape: (H, W) of the mask.

    Returns:
        Uint8 array (H, W), 0 or 1.

    Example:

    >>> decode_runs([1, 2, 3], (2, 3)).tolist()
    [[0, 1, 0], [1, 0, 0]]

    Reference:
        Lin et al., "Microsoft COCO: Common Objects in Context", 2014.
    """
    values = np.arange(len(counts)) % 2
    mask = np.repeat(values.astype("uint8"), counts)
    return np.ascontiguousarray(mask.reshape(shape[::-1]).T)


def check_runs(counts, shape):
    """Raises unless run lengths fill a mask exactly.

    Args:
        counts: Run lengths.
        shape: (H, W) of the mask.

    Raises:
        ValueError: If they do not, or one is negative.

    Example:

    >>> check_runs([1, 2, 3], (2, 3))
    """
    try:
        found = np.asarray(counts)
    except ValueError:
        found = None
    # Larger whole numbers become objects.
    if found is None or found.ndim != 1 or found.dtype.kind not in "iu":
        raise ValueError(
            f"its run lengths should be whole numbers, received {counts!r:.60}"
        )
    total = shape[0] * shape[1]
    # Of numbers that are too large the sum could run over.
    sound = found.min() >= 0 and found.max() <= total
    if not sound or found.sum(dtype="float64") != total:
        raise ValueError(
            f"its run lengths add up to {found.sum(dtype='float64'):.0f}; "
            f"expected none below 0 and {shape[0]} x {shape[1]} = {total} in "
            "all"
        )


def decompress_runs(text):
    """Reads the run lengths out of COCO's compressed text.

    Args:
        text: String or bytes. Each number takes some characters of five bits,
            the lowest first; a sixth bit says that more follow. From the
            fourth on, numbers are differences to the last but one.

    Returns:
        Int64 array of run lengths.

    Raises:
        ValueError: If the text holds other characters, or ends too early.

    Example:

    >>> decompress_runs("1234").tolist()
    [1, 2, 3, 6]
    """
    text = text.encode() if isinstance(text, str) else text
    digits = np.frombuffer(text, "uint8").astype("int64") - ord("0")
    last = (digits & 32) == 0
    sound = digits.size and last[-1] and digits.min() >= 0
    if not sound or digits.max() > 63:
        raise ValueError("its compressed run lengths are damaged")
    starts = np.concatenate([[0], np.flatnonzero(last)[:-1] + 1])
    lengths = np.diff(np.append(starts, len(digits)))
    if lengths.max() > LONGEST:
        raise ValueError("its compressed run lengths are damaged")
    place = np.arange(len(digits)) - np.repeat(starts, lengths)
    counts = np.add.reduceat((digits & 31) << (5 * place), starts)
    # The highest bit is the sign, of a complement of two.
    negative = (digits[last] & 16) > 0
    counts -= negative.astype("int64") << (5 * lengths)
    return _undo_differences(counts)


def _undo_differences(counts):
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    return counts
