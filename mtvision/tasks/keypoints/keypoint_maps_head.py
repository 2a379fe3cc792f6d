"""Head of heat maps of key points."""

import keras
from keras import initializers, layers

from mtvision.ops.map_cells import join_cells
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.ops.shapes import require_channels_last


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointMapsHead(layers.Layer):
    """Gives a heat map of each key point, by one 1x1 convolution.

    The values are linear: about 1 where the point is, 0 elsewhere.

    Args:
        num_keypoints: K.
        level: Which map of a pyramid is read; its stride is that of the heat
            maps.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Maps (B, h, w, K + 4), float32: a value for each key point, and the
        box of the cell in pixels.

    Raises:
        ValueError: If an option is out of range or the level is missing.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((2, 16, 16, 4))}
    >>> tuple(KeypointMapsHead(17)(pyramid).shape)
    (2, 16, 16, 21)

    Reference:
        Xiao et al., Simple Baselines for Human Pose Estimation and Tracking,
        2018.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("KeypointMapsLoss",)
    # Of its last channels, the box of a cell: for `predict_tiles`.
    coordinate_axes = (1, 0, 1, 0)

    def __init__(self, num_keypoints, *, level="P2", **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_keypoints, 1, "num_keypoints")
        self.num_keypoints = num_keypoints
        self.level = level
        self.stride = level_stride(level)
        self.values = layers.Conv2D(
            num_keypoints,
            1,
            kernel_initializer=initializers.RandomNormal(stddev=0.001),
            dtype="float32",
            name="values",
        )

    def build(self, features_shape):
        """Creates the weights."""
        self.values.build(take_level(features_shape, self.level))

    def call(self, features):
        """Returns the maps, (B, h, w, K + 4)."""
        x = take_level(features, self.level)
        return join_cells(self.values(x), self.stride)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_keypoints": self.num_keypoints,
            "level": self.level,
        }
