"""A trunk that looks at the picture of each region."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import box_area
from mtvision.ops.pyramids import take_level


@keras.saving.register_keras_serializable(package="mtvision")
class RegionTrunk(layers.Layer):
    """Runs a trunk on every picture of every image, as one large batch.

    All pictures are in memory at once: 2000 of 64 x 64 pixels take 98 MB,
    and the trunk's first maps many times that.

    Given the regions, it sees those of padding as copies of the pictures of
    the batch's others, in turn, so that no blank picture enters the
    statistics of `BatchNormalization`. Where all are padding, they do.

    Args:
        trunk: A layer or model from images (N, H, W, C) to a dict of maps.
        level: Name of the map to take.

    Call:
        pictures: Tensor (B, R, H, W, C), as `WarpRegions` gives them.
        regions: `None` if none is padding, or tensor (B, R, 4), xyxy, where
            those without area are.

    Returns:
        Tensor (B, R, h, w, D).

    Raises:
        ValueError: If the pictures have no fixed size, or the trunk has no
            such level.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 4, 8, 8))
    >>> pictures = keras.ops.ones((2, 5, 32, 32, 3))
    >>> tuple(RegionTrunk(trunk, level="P4")(pictures).shape)
    (2, 5, 2, 2, 8)

    Reference:
        Girshick et al., Rich Feature Hierarchies for Accurate Object
        Detection and Semantic Segmentation, 2014.
    """

    def __init__(self, trunk, *, level="P5", **kwargs):
        super().__init__(**kwargs, autocast=False)
        self.trunk = trunk
        self.level = level

    def build(self, pictures_shape, regions_shape=None):
        """Creates the weights, if the trunk has none yet."""
        if not self.trunk.built:
            self.trunk.build((None, *pictures_shape[2:]))

    def call(self, pictures, regions=None):
        """Returns the maps."""
        batch, number, *size = ops.shape(pictures)
        x = ops.reshape(pictures, (-1, *size))
        if regions is not None:
            x = _without_padding(x, ops.reshape(box_area(regions) > 0, (-1,)))
        x = take_level(self.trunk(x), self.level)
        return ops.reshape(x, (batch, number, *x.shape[1:]))

    def compute_output_spec(self, pictures, regions=None):
        """Returns the shape and dtype of the maps."""
        shape = tuple(pictures.shape)
        if len(shape) != 5 or None in shape[2:]:
            raise ValueError(
                f"{self.name} expects pictures (B, R, H, W, C) of a fixed "
                f"size, as WarpRegions gives them, received shape {shape}."
            )
        picture = keras.KerasTensor((None, *shape[2:]), pictures.dtype)
        maps = self.trunk.compute_output_spec(picture)
        one = take_level(maps, self.level)
        return keras.KerasTensor((*shape[:2], *one.shape[1:]), one.dtype)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "trunk": keras.saving.serialize_keras_object(self.trunk),
            "level": self.level,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        trunk = keras.saving.deserialize_keras_object(config["trunk"])
        return cls(**{**config, "trunk": trunk})


def _without_padding(rows, is_real):
    """Rows (N, ...), those of padding replaced by the others in turn."""
    number = ops.shape(rows)[0]
    places = ops.arange(number, dtype="int32")
    real_first = ops.argsort(places + ops.where(is_real, 0, number))
    rank = ops.argsort(real_first)
    count = ops.maximum(ops.sum(ops.cast(is_real, rank.dtype)), 1)
    return ops.take(rows, ops.take(real_first, rank % count), axis=0)
