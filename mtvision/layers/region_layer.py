"""What the layers that pool boxes from a map have in common."""

import keras
from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops.shapes import require_channels_last


class RegionLayer(keras.layers.Layer):
    """Base of the layers that pool boxes from a map.

    Boxes stay float32 whatever the precision of the layer: in bfloat16 the
    coordinate 333 would become 332.

    Args:
        output_size: Bins, a number or (height, width).
    """

    def __init__(self, output_size, **kwargs):
        super().__init__(**kwargs, autocast=False)
        self.kind = type(self).__name__
        require_channels_last(self.kind)
        self.output_size = checks.standardize_size(self.kind, output_size)

    def check(self, features, boxes):
        """Raises unless the inputs can be pooled."""
        checks.check_regions(self.kind, features, boxes)

    def compute_output_spec(self, features, boxes):
        """Returns the shape and dtype of the pooled boxes."""
        self.check(features, boxes)
        channels = self.output_channels(keras.tree.flatten(features)[0].shape)
        shape = (*boxes.shape[:2], *self.output_size, channels)
        return keras.KerasTensor(shape, self.compute_dtype)

    def output_channels(self, features_shape):
        """Channels of the pooled boxes."""
        return features_shape[-1]

    def cast(self, features):
        """Maps in the precision in which the layer computes."""
        return keras.tree.map_structure(
            lambda x: ops.cast(x, self.compute_dtype), features
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "output_size": self.output_size}
