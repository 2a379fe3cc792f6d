"""Max-unpooling as a layer."""

import keras
from keras import ops

from mtvision.ops.max_pooling import max_unpool, standardize_pooling
from mtvision.ops.shapes import (
    require_channels_last,
    require_rank,
    require_same_shape,
)
from mtvision.ops.windows import as_map_size


@keras.saving.register_keras_serializable(package="mtvision")
class MaxUnpool2D(keras.layers.Layer):
    """Puts values back where `MaxPoolWithArgmax2D` took maxima from.

    The size of the result does not follow from that of the values: maps of
    8 and of 9 rows both pool to 4. Give the map that was pooled as
    `reference`, or its size as `output_size`. Without either it is the
    smallest that the windows can come from: too small for the indices of
    maps of odd size.

    Args:
        pool_size: Of the pooling, as are the next two.
        strides: By default `pool_size`.
        padding: Width of the border.
        output_size: H and W of the result.

    Call:
        inputs: Values (B, h, w, C) and indices (B, h, w, C), a pair.
        reference: Tensor (B, H, W, ...) whose size the result gets.

    Returns:
        Maps (B, H, W, C), zero where no value is put.

    Example:

    >>> x = keras.ops.ones((2, 9, 6, 3))
    >>> values, indices = mtv.layers.MaxPoolWithArgmax2D()(x)
    >>> tuple(MaxUnpool2D()((values, indices), x).shape)
    (2, 9, 6, 3)

    Reference:
        Badrinarayanan et al., SegNet, 2015.
    """

    def __init__(
        self,
        pool_size=2,
        *,
        strides=None,
        padding=0,
        output_size=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.pool_size, self.strides, self.padding = standardize_pooling(
            pool_size, strides, padding
        )
        if output_size is not None:
            output_size = as_map_size(output_size, "output_size")
        self.output_size = output_size

    def call(self, inputs, reference=None):
        """Returns the maps."""
        values, indices = inputs
        size = self._size(values, reference, ops.shape)
        return max_unpool(values, indices, size)

    def compute_output_spec(self, inputs, reference=None):
        """Returns the shape and dtype of the maps."""
        values, indices = inputs
        require_rank(values.shape, 4, "values (B, h, w, C)")
        require_same_shape(values, indices, self.name)
        size = self._size(values, reference, lambda x: x.shape)
        shape = (values.shape[0], *size, values.shape[3])
        return keras.KerasTensor(shape, self.compute_dtype)

    def _size(self, values, reference, shape_of):
        if reference is not None:
            return tuple(shape_of(reference)[1:3])
        if self.output_size is not None:
            return self.output_size
        counts = shape_of(values)[1:3]
        axes = zip(counts, self.pool_size, self.strides, self.padding)
        return tuple(
            None if count is None else (count - 1) * s + k - 2 * p
            for count, k, s, p in axes
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "output_size": self.output_size,
        }
