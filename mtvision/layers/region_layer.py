"""What the layers that pool boxes from a map have in common."""

import keras
from keras import ops

from mtvision.ops import regions


class RegionLayer(keras.layers.Layer):
    """Base of the layers that pool boxes from a map.

    Boxes stay float32 whatever the precision of the layer: in bfloat16 the
    coordinate 333 would become 332.

    Args:
        output_size: Bins, a number or (height, width).
    """

    def __init__(self, output_size, **kwargs):
        super().__init__(**kwargs, autocast=False)
        self.output_size = regions.standardize_size(
            type(self).__name__, output_size
        )

    def cast(self, features):
        """Maps in the precision in which the layer computes."""
        return keras.tree.map_structure(
            lambda x: ops.cast(x, self.compute_dtype), features
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "output_size": self.output_size}
