"""Bed-of-nails unpooling as a layer."""

import keras

from mtvision.ops.bed_of_nails import bed_of_nails
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.windows import as_sizes


@keras.saving.register_keras_serializable(package="mtvision")
class BedOfNails2D(keras.layers.Layer):
    """Enlarges maps by zeros; see `mtvision.ops.bed_of_nails`.

    Args:
        factor: Height and width of the cell of each value in pixels, or one
            number for both.

    Call:
        x: Maps (B, H, W, C).

    Returns:
        Maps (B, H * factor, W * factor, C).

    Example:

    >>> tuple(BedOfNails2D(2)(keras.ops.ones((2, 5, 7, 3))).shape)
    (2, 10, 14, 3)
    """

    def __init__(self, factor=2, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.factor = as_sizes(factor, 1, "factor")

    def call(self, x):
        """Returns the enlarged maps."""
        return bed_of_nails(x, self.factor)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the enlarged maps."""
        require_rank(input_shape, 4, "maps (B, H, W, C)")
        lengths = zip(input_shape[1:3], self.factor)
        size = [None if n is None else n * f for n, f in lengths]
        return (input_shape[0], *size, input_shape[3])

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "factor": self.factor}
