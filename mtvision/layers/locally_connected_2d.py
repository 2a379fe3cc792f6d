"""Convolution whose kernel differs from place to place."""

import keras
from keras import ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last
from mtvision.ops.windows import as_sizes, window_count, window_pixels


@keras.saving.register_keras_serializable(package="mtvision")
class LocallyConnected2D(keras.layers.Layer):
    """Convolution with a kernel of its own for each pixel of the result.

    For maps whose content depends on the place, such as aligned faces. Takes
    the place of Keras 2's layer, whose weights, of its default
    implementation, it loads as they are. There is no padding.

    The initializer sees the kernels of all P = h * w pixels as one,
    (k * k * C, P * F): of those that scale, take one that looks at the
    number of inputs only.

    Args:
        filters: Channels of the result, F.
        kernel_size: Height and width of the kernel, or one number for both.
        strides: Steps between the windows of two pixels, likewise.
        activation: Function of the result.
        use_bias: Whether a bias is added.
        kernel_initializer: Of the kernels, (P, k * k * C, F).
        bias_initializer: Of the bias, (h, w, F).
        kernel_regularizer: Loss of the kernels.
        bias_regularizer: Loss of the bias.
        kernel_constraint: Function of the kernels after each step.
        bias_constraint: Function of the bias after each step.

    Call:
        x: Maps (B, H, W, C), of a size that is known and stays.

    Returns:
        Maps (B, h, w, F).

    Example:

    >>> layer = LocallyConnected2D(8, 3, strides=2)
    >>> tuple(layer(keras.ops.ones((2, 9, 11, 3))).shape)
    (2, 4, 5, 8)

    Reference:
        Taigman et al., DeepFace, 2014.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        *,
        strides=1,
        activation=None,
        use_bias=True,
        kernel_initializer="lecun_normal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(filters, 1, "filters")
        self.filters = filters
        self.kernel_size = as_sizes(kernel_size, 1, "kernel_size")
        self.strides = as_sizes(strides, 1, "strides")
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape):
        """Creates the weights."""
        if None in input_shape[1:]:
            raise ValueError(
                f"{self.name} has a kernel for each pixel, so it expects maps "
                f"of known size, received shape {tuple(input_shape)}. Give "
                "the height and width to keras.Input."
            )
        _, height, width, _ = self.compute_output_shape(input_shape)
        rows, columns = self.kernel_size
        self.kernel = self.add_weight(
            name="kernel",
            shape=(
                height * width,
                rows * columns * input_shape[-1],
                self.filters,
            ),
            initializer=self._initial_kernels,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(height, width, self.filters),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = keras.layers.InputSpec(shape=(None, *input_shape[1:]))

    def _initial_kernels(self, shape, dtype=None):
        pixels, inputs, filters = shape
        kernels = self.kernel_initializer((inputs, pixels * filters), dtype)
        kernels = ops.reshape(kernels, (inputs, pixels, filters))
        return ops.transpose(kernels, (1, 0, 2))

    def call(self, x):
        """Returns the maps."""
        _, height, width, _ = self.compute_output_shape(x.shape)
        pixels = window_pixels(
            x, self.kernel_size, self.strides, (height, width)
        )
        windows = ops.reshape(
            ops.concatenate(pixels, axis=-1),
            (-1, height * width, self.kernel.shape[1]),
        )
        kernels = ops.convert_to_tensor(self.kernel, self.compute_dtype)
        y = ops.einsum("bpi,pif->bpf", windows, kernels)
        y = ops.reshape(y, (-1, height, width, self.filters))
        if self.use_bias:
            y = ops.add(y, ops.convert_to_tensor(self.bias, y.dtype))
        return self.activation(y)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the maps."""
        axes = zip(input_shape[1:3], self.kernel_size, self.strides)
        counts = [window_count(*axis, 0) for axis in axes]
        return (input_shape[0], *counts, self.filters)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(
                self.kernel_initializer
            ),
            "bias_initializer": keras.initializers.serialize(
                self.bias_initializer
            ),
            "kernel_regularizer": keras.regularizers.serialize(
                self.kernel_regularizer
            ),
            "bias_regularizer": keras.regularizers.serialize(
                self.bias_regularizer
            ),
            "kernel_constraint": keras.constraints.serialize(
                self.kernel_constraint
            ),
            "bias_constraint": keras.constraints.serialize(
                self.bias_constraint
            ),
        }
