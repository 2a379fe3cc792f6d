"""What the heads of maps of points share."""

from keras import initializers, layers, ops

from mtvision.ops.map_cells import join_cells
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room, take_level
from mtvision.ops.shapes import require_channels_last


class PointHead(layers.Layer):
    """A 3x3 convolution, a ReLU and a 1x1 convolution.

    Args:
        num_outputs: Values at each cell.
        level: Which map of a pyramid is read.
        hidden: Channels in between.
        bias: What the values start at.
    """

    # Of its last channels, the box of a cell: for `predict_tiles`.
    coordinate_axes = (1, 0, 1, 0)

    def __init__(self, num_outputs, *, level, hidden, bias=0.0, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(hidden, 1, "hidden")
        self.level = level
        self.hidden = hidden
        self.stride = level_stride(level)
        self.convolution = layers.Conv2D(
            hidden, 3, padding="same", dtype=self.dtype_policy, name="hidden"
        )
        self.values = layers.Conv2D(
            num_outputs,
            1,
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
            bias_initializer=initializers.Constant(bias),
            dtype="float32",
            name="values",
        )

    def build(self, features_shape):
        """Creates the weights."""
        levels = features_shape if isinstance(features_shape, dict) else ()
        strides = [level_stride(level) for level in levels]
        self.coarsest_stride = max([self.stride, *strides])
        self.convolution.build(take_level(features_shape, self.level))
        self.values.build((None, None, None, self.hidden))

    def call(self, features):
        """Returns the maps, (B, h, w, V + 4)."""
        if isinstance(features, dict):
            require_room({level: features[level].shape for level in features})
        x = ops.relu(self.convolution(take_level(features, self.level)))
        return join_cells(self.values(x), self.stride)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "level": self.level,
            "hidden": self.hidden,
        }
