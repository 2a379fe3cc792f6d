"""Every way of enlarging maps, as one layer."""

import keras
from keras import layers, ops

from mtvision.layers.bilinear_kernel import BilinearKernel
from mtvision.layers.transposed_conv_2d import TransposedConv2D
from mtvision.ops.bed_of_nails import bed_of_nails
from mtvision.ops.cells import place_in_cells
from mtvision.ops.exporting import is_exporting
from mtvision.ops.max_pooling import max_pool_with_argmax, max_unpool
from mtvision.ops.option_checks import require_count
from mtvision.ops.resizing import resize_like
from mtvision.ops.shapes import require_channels_last, require_rank

INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
METHODS = (*INTERPOLATIONS, "bed_of_nails", "max_unpool", "transposed")


@keras.saving.register_keras_serializable(package="mtvision")
class Upsample2D(layers.Layer):
    """Enlarges maps to the size of finer ones.

    - `"nearest"`, `"bilinear"` and `"bicubic"` interpolate, to any size.
    - `"bed_of_nails"` puts each value in the first pixel of a cell of zeros.
    - `"max_unpool"` puts each value where the finer map has the largest of
      its cell of 2 x 2 pixels, channel by channel: that is where a pooling of
      the finer map took it from.
    - `"transposed"` is a transposed convolution. Without `filters` it starts
      as bilinear interpolation.

    What reaches beyond the size of the finer map is cut off below and on the
    right. Odd sizes may be halved rounding up or down.

    Args:
        method: One of those names.
        filters: Channels of the result; `None` for those that come. A 1x1
            convolution on the small map gives them, unless the transposed
            convolution does. After `"max_unpool"` there are as many channels
            as the finer map has.
        factor: How many times larger a finer map is, for the last three;
            `"max_unpool"` knows 2 only.

    Call:
        x: Maps (B, h, w, C).
        reference: Finer maps (B, H, W, D).

    Returns:
        Maps (B, H, W, F).

    Raises:
        ValueError: If the method is unknown or the factor not possible.

    Example:

    >>> x, fine = keras.ops.ones((1, 4, 3, 8)), keras.ops.ones((1, 7, 6, 5))
    >>> tuple(Upsample2D("transposed", filters=4)(x, fine).shape)
    (1, 7, 6, 4)
    >>> tuple(Upsample2D("max_unpool")(x, fine).shape)
    (1, 7, 6, 5)

    Reference:
        Badrinarayanan et al., SegNet, 2015; Long et al., Fully Convolutional
        Networks for Semantic Segmentation, 2015.
    """

    def __init__(self, method="bilinear", *, filters=None, factor=2, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(factor, 1, "factor")
        if filters is not None:
            require_count(filters, 1, "filters")
        require_method(method, "method")
        if method == "max_unpool" and factor != 2:
            raise ValueError(
                "Max-unpooling enlarges twice, received factor="
                f"{factor}. Enlarge several times, or by another method."
            )
        self.method = method
        self.filters = filters
        self.factor = factor

    def build(self, x_shape, reference_shape):
        """Creates the weights."""
        require_rank(x_shape, 4, "x (B, h, w, C)")
        require_rank(reference_shape, 4, "reference (B, H, W, D)")
        self.projection = self.enlarging = None
        filters = self._channels(x_shape, reference_shape)
        if self.method == "transposed":
            self.enlarging = self._transposed_convolution(filters)
            self.enlarging.build(x_shape)
        elif filters != x_shape[-1]:
            self.projection = layers.Conv2D(
                filters, 1, dtype=self.dtype_policy, name="projection"
            )
            self.projection.build(x_shape)

    def call(self, x, reference):
        """Returns the enlarged maps."""
        if self.projection is not None:
            x = self.projection(x)
        if self.method in INTERPOLATIONS:
            return resize_like(x, reference, interpolation=self.method)
        if self.method == "max_unpool":
            return _unpool(x, reference)
        x = _with_room(x, reference, self.factor)
        if self.method == "transposed":
            x = self.enlarging(x)
        else:
            x = bed_of_nails(x, self.factor)
        height, width = ops.shape(reference)[1:3]
        return x[:, :height, :width]

    def compute_output_spec(self, x, reference):
        """Returns the shape and dtype of the enlarged maps."""
        channels = self._channels(x.shape, reference.shape)
        shape = (*reference.shape[:3], channels)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "method": self.method,
            "filters": self.filters,
            "factor": self.factor,
        }

    def _channels(self, x_shape, reference_shape):
        if self.method == "max_unpool":
            return reference_shape[-1]
        return self.filters or x_shape[-1]

    def _transposed_convolution(self, filters):
        options = {"strides": self.factor, "dtype": self.dtype_policy}
        if self.filters is not None:
            return TransposedConv2D(
                filters,
                self.factor,
                kernel_initializer="he_normal",
                name="enlarging",
                **options,
            )
        return TransposedConv2D(
            filters,
            2 * self.factor - self.factor % 2,
            padding=self.factor // 2,
            kernel_initializer=BilinearKernel(),
            name="enlarging",
            **options,
        )


def require_method(method, argument):
    """Raises unless there is such a way of enlarging.

    Args:
        method: What was given.
        argument: Name of the argument, for the message.

    Raises:
        ValueError: If there is none of that name.

    Example:

    >>> require_method("nearest", "upsampling")
    """
    if method not in METHODS:
        raise ValueError(
            f"Expected {argument} to be one of {METHODS}, received {method!r}."
        )


def _with_room(x, reference, factor):
    """Maps with rows and columns of zeros, if the result may want them."""
    border = [(0, 0)]
    for small, large in zip(x.shape[1:3], reference.shape[1:3]):
        known = isinstance(small, int) and isinstance(large, int)
        lacking = max(-(-large // factor) - small, 0) if known else 1
        border.append((0, lacking))
    if not any(after for _, after in border):
        return x
    return ops.pad(x, [*border, (0, 0)])


def _unpool(x, reference):
    """Values at the places of the largest of the finer map."""
    # No cell of two pixels fits on an axis of one.
    cell = tuple(1 if size == 1 else 2 for size in reference.shape[1:3])
    if is_exporting():
        return _unpool_in_cells(x, reference, cell)
    _, places = max_pool_with_argmax(reference, cell, ceil_mode=True)
    height, width = ops.shape(x)[1:3]
    places = places[:, :height, :width]
    height, width = ops.shape(places)[1:3]
    size = tuple(ops.shape(reference)[1:3])
    return max_unpool(x[:, :height, :width], places, size)


def _unpool_in_cells(x, reference, cell):
    """`_unpool` without scattering, which not every runtime knows."""
    height, width = ops.shape(reference)[1:3]
    sizes = zip((height, width), cell)
    border = [(0, 0), *((0, -size % side) for size, side in sizes), (0, 0)]
    padded = ops.pad(reference, border, constant_values=float("-inf"))
    _, places = max_pool_with_argmax(padded, cell)
    size = tuple(ops.shape(padded)[1:3])
    rows, columns = (n // side for n, side in zip(size, cell))
    x = x[:, :rows, :columns]
    rows, columns = ops.shape(x)[1:3]
    maps = place_in_cells(x, places[:, :rows, :columns], size=size, cell=cell)
    return maps[:, :height, :width]
