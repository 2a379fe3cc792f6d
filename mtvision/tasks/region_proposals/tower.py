"""The convolution that both heads of proposals read."""

import keras
from keras import initializers, layers

from mtvision.ops.level_maps import choose_levels
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room
from mtvision.ops.shapes import require_channels_last


@keras.saving.register_keras_serializable(package="mtvision")
class ProposalTower(layers.Layer):
    """3x3 convolutions over each level, with the same weights for all.

    What follows are two heads, one an output: `ProposalObjectnessHead` and
    `ProposalBoxesHead`. So the graph of a model tells what the two share.

    Args:
        filters: Channels.
        levels: Names of the levels to use, or `None` for all that come.
        depth: Number of convolutions; 0 gives the maps as they are.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`, all of
            the same D.

    Returns:
        Dict of maps `{"P2": (B, H / 4, W / 4, filters), ...}`.

    Raises:
        ValueError: If a level is missing, the levels differ in channels, or
            the image is smaller than a cell of the coarsest level.

    Example:

    >>> pyramid = {"P3": keras.ops.ones((2, 4, 4, 8))}
    >>> tuple(ProposalTower(16)(pyramid)["P3"].shape)
    (2, 4, 4, 16)

    Reference:
        Ren et al., Faster R-CNN, 2015; on a pyramid: Lin et al., Feature
        Pyramid Networks for Object Detection, 2017.
    """

    def __init__(self, filters=256, *, levels=None, depth=1, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(filters, 1, "filters")
        require_count(depth, 0, "depth")
        if levels is not None and not levels:
            raise ValueError(
                "Expected levels as names such as ('P2', 'P3'), or None for "
                f"all, received {levels!r}."
            )
        self.filters = filters
        self.levels = None if levels is None else tuple(levels)
        self.depth = depth
        self.steps = [
            layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer=initializers.RandomNormal(stddev=0.01),
                dtype=self.dtype_policy,
                name=f"step_{i}",
            )
            for i in range(depth)
        ]

    def build(self, features_shape):
        """Creates the weights."""
        levels = choose_levels(features_shape, self.levels, self.name)
        require_room({k: features_shape[k] for k in levels})
        self.coarsest_stride = max(level_stride(k) for k in levels)
        channels = {features_shape[k][-1] for k in levels}
        if len(channels) > 1:
            raise ValueError(
                f"{self.name} shares its weights, so it expects as many "
                f"channels at every level, received {channels}. Put a "
                "FeaturePyramid before it."
            )
        shape = (None, None, None, channels.pop())
        for step in self.steps:
            step.build(shape)
            shape = (None, None, None, self.filters)

    def call(self, features):
        """Returns the maps."""
        levels = choose_levels(features, self.levels, self.name)
        require_room({k: features[k].shape for k in levels})
        maps = {}
        for level in levels:
            x = features[level]
            for step in self.steps:
                x = step(x)
            maps[level] = x
        return maps

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "levels": self.levels,
            "depth": self.depth,
        }
