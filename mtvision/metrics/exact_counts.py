"""What metrics that count pixels have in common."""

import keras
from keras import ops

from mtvision.ops.exact_counts import add_counts, total_counts


class ExactCounts(keras.metrics.Metric):
    """Counts over batches, in integers.

    Counts are exact up to 2 ** 55, if each stays below 2 ** 31 - 2 ** 25 in
    any one batch. So they are with weights of 0 and 1; other weights are
    summed as float32 within a batch.

    Args:
        shape: Shape of the counts.
    """

    def __init__(self, shape, *, name, dtype=None):
        super().__init__(name=name, dtype=dtype)
        # See `add_counts`. "int" is what TensorFlow keeps on a GPU: int64.
        self.carries, self.units, self.fractions = (
            self.add_variable(shape, "zeros", dtype=dtype, name=name)
            for name, dtype in (
                ("carries", "int"),
                ("units", "int"),
                ("fractions", "float32"),
            )
        )

    def add(self, counts, rest):
        """Adds those of one batch, as `weighted_cells` gives them."""
        totals = (self.carries, self.units, self.fractions)
        for variable, total in zip(totals, add_counts(totals, counts, rest)):
            variable.assign(ops.cast(total, variable.dtype))

    def totals(self):
        """The counts so far as a float32 tensor, rounded."""
        return total_counts(
            self.carries, self.units, ops.convert_to_tensor(self.fractions)
        )
