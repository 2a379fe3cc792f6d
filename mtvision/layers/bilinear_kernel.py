"""Weights with which a transposed convolution interpolates."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="mtvision")
class BilinearKernel(keras.initializers.Initializer):
    """Starts a `TransposedConv2D` as bilinear enlargement of each channel.

    With strides s it takes a kernel of `2 * s - s % 2` and a padding of
    `s // 2`. Then each filter is the channel of its number, enlarged s times;
    only at the border it fades to zero.

    Example:

    >>> layer = mtv.layers.TransposedConv2D(
    ...     1, 4, strides=2, padding=1, kernel_initializer=BilinearKernel()
    ... )
    >>> x = keras.ops.reshape([0.0, 0, 0, 0, 4, 4, 0, 4, 4], (1, 3, 3, 1))
    >>> [float(v) for v in layer(x)[0, 3, :, 0]]
    [0.0, 1.0, 3.0, 4.0, 4.0, 3.0]

    Reference:
        Long et al., Fully Convolutional Networks for Semantic Segmentation,
        2015.
    """

    def __call__(self, shape, dtype=None):
        """Returns the weights.

        Args:
            shape: Height, width, filters and channels.
            dtype: Of the weights.

        Returns:
            Tensor of the shape.

        Raises:
            ValueError: If filters and channels differ in number.
        """
        height, width, filters, channels = shape
        if filters != channels:
            raise ValueError(
                "BilinearKernel expects as many filters as channels, received "
                f"{filters} filters and {channels} channels."
            )
        plane = _tent(height)[:, None] * _tent(width)
        kernel = plane[:, :, None, None] * ops.eye(channels, dtype="float32")
        return ops.cast(kernel, dtype or keras.config.floatx())

    def get_config(self):
        """Returns no arguments."""
        return {}


def _tent(length):
    """Weights of linear interpolation, with the peak in the middle."""
    distance = ops.arange(length, dtype="float32") - (length - 1) / 2
    return 1 - ops.abs(distance) / ((length + 1) // 2)
