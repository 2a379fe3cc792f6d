"""Max-pooling that also tells where each maximum was, as a layer."""

import keras

from mtvision.ops.max_pooling import max_pool_with_argmax, standardize_pooling
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.windows import window_count


@keras.saving.register_keras_serializable(package="mtvision")
class MaxPoolWithArgmax2D(keras.layers.Layer):
    """Values and places of maxima; see `mtvision.ops.max_pool_with_argmax`.

    `MaxUnpool2D` takes both as they are.

    Args:
        pool_size: Height and width of a window, or one number for both.
        strides: Steps from window to window; by default `pool_size`.
        padding: Width of the border; at most half of a window.
        ceil_mode: Whether a last window may reach beyond the border.

    Call:
        x: Maps (B, H, W, C).

    Returns:
        Values (B, h, w, C) and indices (B, h, w, C), int32: `y * W + x`.

    Example:

    >>> values, indices = MaxPoolWithArgmax2D()(keras.ops.ones((2, 9, 6, 3)))
    >>> tuple(values.shape), tuple(indices.shape)
    ((2, 4, 3, 3), (2, 4, 3, 3))

    Reference:
        Badrinarayanan et al., SegNet, 2015.
    """

    def __init__(
        self, pool_size=2, *, strides=None, padding=0, ceil_mode=False, **kwargs
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.pool_size, self.strides, self.padding = standardize_pooling(
            pool_size, strides, padding
        )
        self.ceil_mode = ceil_mode

    def call(self, x):
        """Returns values and indices."""
        return max_pool_with_argmax(
            x,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
        )

    def compute_output_spec(self, x):
        """Returns the shapes and dtypes of values and indices."""
        require_rank(x.shape, 4, "maps (B, H, W, C)")
        axes = zip(x.shape[1:3], self.pool_size, self.strides, self.padding)
        counts = [window_count(*a, ceil_mode=self.ceil_mode) for a in axes]
        shape = (x.shape[0], *counts, x.shape[3])
        return (
            keras.KerasTensor(shape, self.compute_dtype),
            keras.KerasTensor(shape, "int32"),
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
        }
