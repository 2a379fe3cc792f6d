import numpy as np

from batteries.backend import to_numpy
from mtvision.ops.exact_sum import exact_sum


def test_sums_beyond_what_float32_counts():
    total, rest = np.zeros(2, "float32"), np.zeros(2, "float32")
    for value in (2.0**24, 1.0, 1.0, 1.0, 2.0**30, 5.0):
        total, rest = to_numpy(exact_sum(total, rest, [value, -value]))
    exact = total.astype("float64") + rest
    assert exact.tolist() == [2**30 + 2**24 + 8, -(2**30) - 2**24 - 8]
