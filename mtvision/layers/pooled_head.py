"""What heads that see an image as a whole have in common."""

from keras import layers

from mtvision.ops.pyramids import take_level
from mtvision.ops.shapes import require_channels_last


class PooledHead(layers.Layer):
    """Steps one after the other, of which one pools a map to a vector.

    A subclass gives the layers in `steps`, and which of them is `pool`: of
    vectors, which are pooled already, it is left out.

    Args:
        level: Which map of a pyramid is pooled.
    """

    def __init__(self, *, level, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.level = level

    def build(self, features_shape):
        """Creates the weights."""
        shape = take_level(features_shape, self.level)
        self._require_size(shape)
        for step in self._needed(shape):
            step.build(shape)
            shape = step.compute_output_shape(shape)

    def call(self, features):
        """Returns what the last step gives."""
        x = take_level(features, self.level)
        for step in self._needed(x.shape):
            x = step(x)
        return x

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "level": self.level}

    def _needed(self, shape):
        if len(shape) == 4:
            return self.steps
        return [step for step in self.steps if step is not self.pool]

    def _require_size(self, shape):
        if isinstance(self.pool, layers.Flatten) and None in shape[1:]:
            raise ValueError(
                f"{self.name!r} with pooling='flatten' needs maps of a known "
                f"size, received the shape {tuple(shape)}. Give the image's "
                "height and width, or choose another pooling."
            )
