"""What the heads of landmarks share."""

from keras import initializers, layers, ops

from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.tasks.volume_landmarks.columns import join


class LandmarkHead(layers.Layer):
    """A 3x3x3 convolution, a ReLU and a 1x1x1 convolution.

    Args:
        num_landmarks: K.
        values: Values of each landmark in each cell.
        cell_size: Voxels that a cell of the map spans; three numbers, or one
            for all axes.
        hidden: Channels in between.
        bias: What the values start at.
    """

    # The last columns are places in the input, z, y, x twice.
    coordinate_axes = (0, 1, 2, 0, 1, 2)

    def __init__(
        self, num_landmarks, *, values, cell_size, hidden, bias=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_landmarks, 1, "num_landmarks")
        require_count(hidden, 1, "hidden")
        self.num_landmarks = num_landmarks
        self.cell_size = tuple(
            int(n) for n in by_axis(cell_size, _require_side, "cell_size")
        )
        self.hidden = hidden
        self.convolution = layers.Conv3D(
            hidden, 3, padding="same", dtype=self.dtype_policy, name="hidden"
        )
        self.values = layers.Conv3D(
            num_landmarks * values,
            1,
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
            bias_initializer=initializers.Constant(bias),
            dtype="float32",
            name="values",
        )

    def build(self, features_shape):
        """Creates the weights."""
        require_rank(features_shape, 5, "features (B, d, h, w, C)")
        self.convolution.build(features_shape)
        self.values.build((None, None, None, None, self.hidden))

    def call(self, features):
        """Returns the maps, (B, d, h, w, V + 6)."""
        x = ops.relu(self.convolution(features))
        return join(self.values(x), self.cell_size)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_landmarks": self.num_landmarks,
            "cell_size": self.cell_size,
            "hidden": self.hidden,
        }


def _require_side(number, argument):
    require_count(number, 1, argument)
