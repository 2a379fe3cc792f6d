"""What the heads of maps of regions have in common."""

from keras import layers, ops

from mtvision.ops.option_checks import require_count


class RegionMapsLayer(layers.Layer):
    """Base of the heads that give a map for each region.

    Regions stay float32 whatever the precision of the layer.

    Args:
        filters: Channels of the convolutions.
        depth: Number of 3x3 convolutions.
    """

    def __init__(self, *, filters, depth, **kwargs):
        super().__init__(**{**kwargs, "autocast": False})
        require_count(filters, 1, "filters")
        require_count(depth, 0, "depth")
        self.filters = filters
        self.depth = depth
        self.steps = [
            layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                dtype=self.dtype_policy,
                name=f"step_{i}",
            )
            for i in range(depth)
        ]

    def build(self, pooled_shape, regions_shape):
        """Creates the weights."""
        require_pooled(pooled_shape, self.name)
        shape = (None, *pooled_shape[2:])
        for step in [*self.steps, *self.last_steps]:
            step.build(shape)
            shape = step.compute_output_shape(shape)

    def climb(self, pooled):
        """All steps on the maps of all regions.

        Args:
            pooled: Tensor (B, R, h, w, D).

        Returns:
            Tensor (B R, h', w', N), float32 as the last step is.
        """
        require_pooled(pooled.shape, self.name)
        x = ops.reshape(pooled, (-1, *pooled.shape[2:]))
        for step in [*self.steps, *self.last_steps]:
            x = step(x)
        return x

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth": self.depth,
        }


def require_pooled(shape, name):
    """Raises unless a shape is that of square maps pooled from regions.

    Args:
        shape: Tuple.
        name: What asks, for the message.

    Raises:
        ValueError: If it is not (B, R, h, h, D) with R, h and D known.

    Example:

    >>> require_pooled((None, 100, 14, 14, 256), "a head")
    """
    shape = tuple(shape)
    if len(shape) != 5 or None in shape[1:] or shape[2] != shape[3]:
        raise ValueError(
            f"{name} expects (B, R, h, h, D) as MultilevelRoIAlign gives them, "
            f"received shape {shape}."
        )
