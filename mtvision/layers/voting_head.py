"""What heads in which every cell of a map votes have in common."""

from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.ops.shapes import require_channels_last


class VotingHead(layers.Layer):
    """A 3x3 convolution with BatchNorm and ReLU, then the votes of each cell.

    Args:
        num_votes: Numbers that each cell votes with.
        level: Which map of a pyramid the cells are taken from.
        hidden: Channels of the map that the votes are read from.
    """

    def __init__(self, num_votes, *, level, hidden, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(hidden, 1, "hidden")
        self.level = level
        self.hidden = hidden
        self.stride = level_stride(level)
        self.convolution = layers.Conv2D(
            hidden, 3, padding="same", use_bias=False, dtype=self.dtype_policy
        )
        # Keras' momentum of 0.99 evaluates as noise in a short training.
        self.normalisation = layers.BatchNormalization(
            momentum=0.9, dtype=self.dtype_policy
        )
        self.votes = layers.Conv2D(num_votes, 1, dtype="float32", name="votes")

    def build(self, features_shape):
        """Creates the weights."""
        self.convolution.build(take_level(features_shape, self.level))
        shape = (None, None, None, self.hidden)
        for layer in (self.normalisation, self.votes):
            layer.build(shape)

    def cast_votes(self, features):
        """The votes (B, h, w, N) of the cells.

        Args:
            features: Dict of maps (B, h, w, D), or the map of `level` itself.
        """
        x = self.convolution(take_level(features, self.level))
        return self.votes(ops.relu(self.normalisation(x)))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "level": self.level,
            "hidden": self.hidden,
        }
