"""Head that gives every pixel a class."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.ops.resizing import enlarge, resize_like
from mtvision.ops.shapes import require_channels_last


@keras.saving.register_keras_serializable(package="mtvision")
class SegmentationHead(layers.Layer):
    """Sums all levels of a pyramid at the finest one and enlarges the logits.

    Each level is brought to `filters` channels by a convolution, resized to
    the finest level and summed; then `depth` times convolution, batch
    normalisation and ReLU; then the logits, resized bilinearly. The semantic
    branch of Panoptic FPN, simplified: each level is upsampled in one step
    rather than by a chain of convolutions, and batch normalisation takes the
    place of group normalisation.

    Args:
        num_classes: C. With 1, the logit speaks of class 1 against class 0.
        filters: Channels of the summed map.
        depth: Number of convolutions after the sum.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) whose size the logits
            take. Without it the size is that of the finest level times its
            stride, which is larger than the image where the image's size is
            no multiple of the stride.

    Returns:
        Logits (B, H, W, C), float32.

    Example:

    >>> ones = keras.ops.ones
    >>> pyramid = {"P2": ones((1, 8, 8, 4)), "P3": ones((1, 4, 4, 6))}
    >>> head = SegmentationHead(3, filters=8)
    >>> tuple(head(pyramid).shape)
    (1, 32, 32, 3)
    >>> tuple(head(pyramid, ones((1, 31, 30, 3))).shape)
    (1, 31, 30, 3)

    Reference:
        Kirillov et al., Panoptic Feature Pyramid Networks, 2019.
    """

    def __init__(self, num_classes, *, filters=64, depth=1, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        require_count(filters, 1, "filters")
        require_count(depth, 0, "depth")
        self.num_classes = num_classes
        self.filters = filters
        self.depth = depth
        self.laterals = {}
        self.blocks = [self._block(i) for i in range(depth)]
        self.logits = layers.Conv2D(
            num_classes, 1, dtype="float32", name="logits"
        )

    def build(self, features_shape, image_shape=None):
        """Creates the weights."""
        if not isinstance(features_shape, dict):
            raise ValueError(
                "SegmentationHead expects a dict of maps such as {'P2': ..., "
                f"'P3': ...}}, received one of shape {features_shape}. Name "
                "the level of the map: {'P2': x}."
            )
        for level in sorted(features_shape):
            self.laterals[level] = layers.Conv2D(
                self.filters,
                3,
                padding="same",
                dtype=self.dtype_policy,
                name=f"lateral_{level}",
            )
            self.laterals[level].build(features_shape[level])
        shape = (None, None, None, self.filters)
        for block in self.blocks:
            for step in block:
                step.build(shape)
        self.logits.build(shape)
        self.stride = level_stride(min(features_shape, key=level_stride))

    def call(self, features, image=None):
        """Returns the logits of the classes."""
        x = self._sum_levels(features)
        for convolution, normalisation in self.blocks:
            x = ops.relu(normalisation(convolution(x)))
        logits = self.logits(x)
        if image is None:
            return enlarge(logits, self.stride)
        return resize_like(logits, image)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "filters": self.filters,
            "depth": self.depth,
        }

    def _block(self, index):
        convolution = layers.Conv2D(
            self.filters,
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
        maps = [self.laterals[level](features[level]) for level in levels]
        finest = maps[0]
        for coarse in maps[1:]:
            finest = finest + resize_like(coarse, maps[0])
        return finest
