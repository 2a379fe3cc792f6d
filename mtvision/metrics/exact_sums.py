"""What metrics that add up numbers of pixels have in common."""

import keras

from mtvision.ops.exact_sum import exact_sum


class ExactSums(keras.metrics.Metric):
    """Sums over batches, whose rounding does not add up.

    Counts are exact up to 2 ** 48, if each stays below 2 ** 24 in any one
    batch.

    Args:
        shape: Shape of the sums.
    """

    def __init__(self, shape, *, name, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(
            shape, "zeros", dtype="float32", name="total"
        )
        # What rounding takes off `total`: see `exact_sum`.
        self.rest = self.add_variable(
            shape, "zeros", dtype="float32", name="rest"
        )

    def add(self, values):
        """Adds those of one batch, a tensor of the shape of the sums."""
        total, rest = exact_sum(self.total, self.rest, values)
        self.total.assign(total)
        self.rest.assign(rest)

    def sums(self):
        """The sums so far."""
        return self.total + self.rest
