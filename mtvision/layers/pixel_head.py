"""What heads that give every pixel some numbers have in common."""

from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.ops.resizing import enlarge, resize_like
from mtvision.ops.shapes import require_channels_last


class PixelHead(layers.Layer):
    """Sums all levels of a pyramid at the finest one and enlarges the result.

    Each level is brought to `filters` channels by a convolution, resized to
    the finest level and summed; then `depth` times convolution, batch
    normalisation and ReLU; then a 1x1 convolution to the numbers of each
    pixel, resized bilinearly. A subclass says how many in `channels`.

    Args:
        channels: Numbers of each pixel.
        filters: Channels of the summed map. `None` takes the only map of the
            features as it is, say that of `mtvision.necks.ExpandingPath`.
        depth: Number of convolutions after the sum.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) whose size the result
            takes. Without it the size is that of the finest level times its
            stride, which is larger than the image where the image's size is
            no multiple of the stride.

    Returns:
        Maps (B, H, W, channels), float32.
    """

    def __init__(self, channels, *, filters, depth, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        if filters is not None:
            require_count(filters, 1, "filters")
        require_count(depth, 0, "depth")
        self.filters = filters
        self.depth = depth
        self.laterals = {}
        self.logits = layers.Conv2D(channels, 1, dtype="float32", name="logits")

    def build(self, features_shape, image_shape=None):
        """Creates the weights."""
        if not isinstance(features_shape, dict):
            raise ValueError(
                f"{type(self).__name__} expects a dict of maps such as "
                f"{{'P2': ..., 'P3': ...}}, received one of shape "
                f"{features_shape}. Name the level of the map: {{'P2': x}}."
            )
        finest = min(features_shape, key=level_stride)
        shape = (None, None, None, features_shape[finest][-1])
        if self.filters is None:
            self._require_one(features_shape)
        else:
            shape = self._build_laterals(features_shape)
        # Without `filters` the convolutions keep the channels of the map.
        self.blocks = [self._block(i, shape[-1]) for i in range(self.depth)]
        for block in self.blocks:
            for step in block:
                step.build(shape)
        self.logits.build(shape)
        self.stride = level_stride(finest)

    def call(self, features, image=None):
        """Returns the numbers of each pixel."""
        x = self._sum_levels(features)
        for convolution, normalisation in self.blocks:
            x = ops.relu(normalisation(convolution(x)))
        x = self.logits(x)
        if image is None:
            return enlarge(x, self.stride)
        return resize_like(x, image)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth": self.depth,
        }

    def _require_one(self, features_shape):
        if len(features_shape) > 1:
            raise ValueError(
                f"{self.name!r} with filters=None takes one map as it is, "
                f"received the levels {sorted(features_shape)}. Give filters, "
                "or one of them."
            )

    def _build_laterals(self, features_shape):
        for level in sorted(features_shape):
            self.laterals[level] = layers.Conv2D(
                self.filters,
                3,
                padding="same",
                dtype=self.dtype_policy,
                name=f"lateral_{level}",
            )
            self.laterals[level].build(features_shape[level])
        return (None, None, None, self.filters)

    def _block(self, index, filters):
        convolution = layers.Conv2D(
            filters,
            3,
            padding="same",
            use_bias=False,
            dtype=self.dtype_policy,
            name=f"convolution_{index}",
        )
        # Keras' momentum of 0.99 evaluates as noise in a short training.
        normalisation = layers.BatchNormalization(
            momentum=0.9, dtype=self.dtype_policy, name=f"normalisation_{index}"
        )
        return convolution, normalisation

    def _sum_levels(self, features):
        levels = sorted(features, key=level_stride)
        if self.filters is None:
            return features[levels[0]]
        maps = [self.laterals[level](features[level]) for level in levels]
        finest = maps[0]
        for coarse in maps[1:]:
            finest = finest + resize_like(coarse, maps[0])
        return finest
