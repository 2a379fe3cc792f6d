"""Counts in integers, exact where a float32 sum of ones ends at 2 ** 24."""

import keras
from keras import ops

from mtvision.ops.averages import spread_weight

_BASE = 2**24


def weighted_cells(cells, kept, num_cells, *, sample_weight=None):
    """Sums the weights of the elements in each cell.

    Args:
        cells: Tensor (B, ...), int32, the number of each element's cell.
        kept: Bool tensor of the same shape, the elements that count.
        num_cells: N.
        sample_weight: `None`, or a tensor with the first axes of `cells`.

    Returns:
        `(counts, rest)`, both (N,). The int32 `counts` tell how many
        elements of a weight of 1 or more there are, exactly, where a float32
        sum of ones ends at 2 ** 24; the float32 `rest` is what the weights
        add up to beyond that.

    Example:

    >>> cells, kept = np.array([[1, 1, 0]]), np.array([[True, True, False]])
    >>> counts, rest = weighted_cells(cells, kept, 2, sample_weight=[1.5])
    >>> [int(x) for x in counts], [float(x) for x in rest]
    ([0, 2], [0.0, 1.0])
    """
    if sample_weight is None:
        return _sums(cells, kept, num_cells), ops.zeros(num_cells, "float32")
    weight = spread_weight(sample_weight, cells)
    weight = ops.where(kept, weight, 0.0)
    is_whole = weight >= 1
    rest = weight - ops.cast(is_whole, "float32")
    return _sums(cells, is_whole, num_cells), ops.cond(
        ops.any(rest != 0),  # seldom, so that the second sum costs nothing
        lambda: _sums(cells, kept, num_cells, rest),
        lambda: ops.zeros(num_cells, "float32"),
    )


def cell_sums(cells, num_cells, values=None):
    """Sums the values of each cell.

    Args:
        cells: Tensor (N,), int32, the number of each element's cell.
        num_cells: How many cells there are.
        values: Tensor (N,), float32; `None` counts the elements.

    Returns:
        Tensor (num_cells,), int32 or the dtype of `values`.

    Example:

    >>> [int(x) for x in cell_sums(ops.convert_to_tensor([2, 0, 2]), 3)]
    [1, 0, 2]
    """
    if values is None:
        values = ops.ones_like(cells)
    return ops.segment_sum(values, cells, num_segments=num_cells)


def add_counts(totals, counts, rest):
    """Adds the counts of a batch to totals that no int32 could hold.

    A total is `2 ** 24 * carries + units + fractions`, where the units stay
    below 2 ** 24 and the fractions below 1. Sums of parts, which replicas
    take, are totals again.

    Args:
        totals: `(carries, units, fractions)`, two integer tensors (...) and
            a float32 one.
        counts: Tensor (...), int32, below 2 ** 31 - 2 ** 25.
        rest: Tensor (...), float32.

    Returns:
        The new totals, int32, int32 and float32.

    Example:

    >>> [float(x) for x in add_counts((1, 2**24 - 1, 0.5), 2, 0.75)]
    [2.0, 2.0, 0.25]
    """
    carries, units, counts = (
        ops.cast(x, "int32") for x in (*totals[:2], counts)
    )
    whole = ops.floor(rest)
    carried = ops.floor(whole / _BASE)  # a power of two: exact
    fractions = ops.cast(totals[2], "float32") + (rest - whole)
    over = ops.floor(fractions)
    units = units + counts + ops.cast(whole - carried * _BASE + over, "int32")
    more = units // _BASE
    carries = carries + more + ops.cast(carried, "int32")
    return carries, units - more * _BASE, fractions - over


def total_counts(carries, units, fractions):
    """Totals as one number each.

    Args:
        carries: Array or tensor (...), as `add_counts` returns it.
        units: Likewise.
        fractions: Likewise. Its dtype, float32 or float64, is computed in.

    Returns:
        Array or tensor (...) of the dtype of `fractions`.

    Example:

    >>> float(total_counts(np.array(1), np.array(2), np.array(0.5)))
    16777218.5
    """
    if not ops.is_tensor(fractions):
        return float(_BASE) * carries + units + fractions
    carries, units = (ops.cast(x, fractions.dtype) for x in (carries, units))
    return _BASE * carries + units + fractions


def _sums(cells, kept, num_cells, values=None):
    """Sums of the kept elements; one cell more takes the others."""
    cells = ops.reshape(ops.where(kept, cells, num_cells), (-1,))
    if values is not None:
        values = ops.reshape(values, (-1,))
    return _cell_sums(cells, num_cells + 1, values)[:num_cells]


_cell_sums = cell_sums
if keras.backend.backend() == "torch":
    from mtvision.ops._torch import cell_sums as _cell_sums
