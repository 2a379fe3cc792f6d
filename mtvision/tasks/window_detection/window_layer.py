"""What the heads of windows share."""

from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.window_detection.columns import join
from mtvision.tasks.window_detection.scales import (
    map_windows,
    require_scales,
    scaled_size,
)


class WindowLayer(layers.Layer):
    """A network of two layers on the features of each window.

    The first is a convolution whose kernel covers what the trunk gives for
    one window, and which is not padded, so that it gives for a large map
    what it gives for each window alone.

    Args:
        num_outputs: Values of each window.
        window: Side of a window in pixels.
        stride: Pixels from window to window.
        kernel_size: Side of the map that the trunk gives for one window.
        scales: As for `ScaledImages`.
        hidden: Channels in between.
        dropout: Share of them that is dropped in training.
    """

    def __init__(
        self,
        num_outputs,
        *,
        window,
        stride,
        kernel_size,
        scales,
        hidden,
        dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        for argument, value in (
            ("window", window),
            ("stride", stride),
            ("kernel_size", kernel_size),
            ("hidden", hidden),
        ):
            require_count(value, 1, argument)
        self.window = window
        self.stride = stride
        self.kernel_size = kernel_size
        self.scales = require_scales(scales)
        self.hidden = hidden
        self.dropout = dropout
        self.first = layers.Conv2D(
            hidden,
            kernel_size,
            activation="relu",
            kernel_initializer="he_normal",
            dtype=self.dtype_policy,
            name="first",
        )
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)
        self.second = layers.Conv2D(
            num_outputs, 1, dtype="float32", name="second"
        )

    def build(self, features_shape, image_shape=None):
        """Creates the weights."""
        self.first.build(tuple(features_shape[0]))
        self.second.build((None, None, None, self.hidden))

    def call(self, features, image, training=None):
        """Returns the rows of all windows of all scales, (B, A, V + 4)."""
        if len(features) != len(self.scales):
            raise ValueError(
                f"{self.name} expects a map for each of the {len(self.scales)}"
                f" scales, received {len(features)}."
            )
        size = ops.shape(image)[1:3]
        values, windows = [], []
        for x, scale in zip(features, self.scales):
            x = self.drop(self.first(x), training=training)
            x = self.second(x)
            batch, *cells = ops.shape(x)[:3]
            values.append(ops.reshape(x, (batch, -1, x.shape[-1])))
            windows.append(
                map_windows(
                    cells,
                    [scaled_size(n, scale, self.window) for n in size],
                    size,
                    window=self.window,
                    stride=self.stride,
                )
            )
        return join(
            ops.concatenate(values, axis=1), ops.concatenate(windows, axis=0)
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "window": self.window,
            "stride": self.stride,
            "kernel_size": self.kernel_size,
            "scales": self.scales,
            "hidden": self.hidden,
            "dropout": self.dropout,
        }
