"""What transposed convolutions of one and two axes have in common."""

import keras
from keras import ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last
from mtvision.ops.transposed_convolution import (
    output_lengths,
    standardize_geometry,
    transposed_convolution,
)


class TransposedConv(keras.layers.Layer):
    """Base of `TransposedConv1D` and `TransposedConv2D`, which see."""

    rank = None

    def __init__(
        self,
        filters,
        kernel_size,
        *,
        strides=1,
        padding=0,
        output_padding=0,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
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
        self._geometry = standardize_geometry(
            kernel_size,
            strides,
            padding,
            output_padding,
            dilation_rate,
            rank=self.rank,
        )
        self.kernel_size, self.strides, self.padding = self._geometry[:3]
        self.output_padding, self.dilation_rate = self._geometry[3:]
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)

    def build(self, input_shape):
        """Creates the weights."""
        channels = input_shape[-1]
        require_count(channels, 1, "the number of input channels")
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, self.filters, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, x):
        """Returns the enlarged maps."""
        y = transposed_convolution(
            x,
            ops.convert_to_tensor(self.kernel, self.compute_dtype),
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )
        if self.use_bias:
            y = ops.add(y, ops.convert_to_tensor(self.bias, y.dtype))
        return self.activation(y)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the enlarged maps."""
        lengths = output_lengths(input_shape[1:-1], self._geometry)
        return (input_shape[0], *lengths, self.filters)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "dilation_rate": self.dilation_rate,
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
