"""Head that adds the scores of several levels."""

import keras
from keras import layers

from mtvision.layers import Upsample2D
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.ops.shapes import require_channels_last

UPSAMPLING = ("nearest", "bilinear", "bicubic", "transposed")


@keras.saving.register_keras_serializable(package="mtvision")
class FCNHead(layers.Layer):
    """Scores of the coarsest level, made finer by those of the next ones.

    A 1x1 convolution gives each level its scores, those of all levels but the
    coarsest from zero weights. The coarsest scores are enlarged to the size
    of the next level and added to its, and so on; the last are enlarged to
    the image. Nothing follows that could fill gaps, so that bed of nails and
    max-unpooling are not possible.

    Args:
        num_classes: C. With 1, the logit speaks of class 1 against class 0.
        levels: Names of the levels: P5 alone gives FCN-32s; P4 and P5,
            FCN-16s; P3, P4 and P5, FCN-8s.
        upsampling: `"transposed"`, which starts as bilinear interpolation and
            is learned, `"nearest"`, `"bilinear"` or `"bicubic"`.

    Call:
        features: Dict of maps (B, h, w, D).
        image: Tensor (B, H, W, ...) whose size the logits take.

    Returns:
        Logits (B, H, W, C), float32.

    Raises:
        ValueError: If an option is out of range or a level is missing.

    Example:

    >>> ones = keras.ops.ones
    >>> maps = {"P4": ones((1, 5, 4, 8)), "P5": ones((1, 3, 2, 9))}
    >>> head = FCNHead(3, levels=("P4", "P5"))
    >>> tuple(head(maps, ones((1, 70, 50, 3))).shape)
    (1, 70, 50, 3)

    Reference:
        Long et al., Fully Convolutional Networks for Semantic Segmentation,
        2015.
    """

    loss_names = (
        "SegmentationLoss",
        "CategoricalFocal",
        "BinaryFocal",
        "Dice",
        "GeneralizedDice",
        "Tversky",
        "WeightedSum",
    )

    def __init__(
        self,
        num_classes,
        *,
        levels=("P3", "P4", "P5"),
        upsampling="transposed",
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        if upsampling not in UPSAMPLING:
            raise ValueError(
                f"Expected upsampling to be one of {UPSAMPLING}, as nothing "
                f"follows it; received {upsampling!r}."
            )
        if not levels or isinstance(levels, str):
            raise ValueError(
                "Expected levels as names such as ('P4', 'P5'), received "
                f"{levels!r}."
            )
        self.num_classes = num_classes
        self.levels = tuple(levels)
        self.upsampling = upsampling
        self.scores, self.enlargings = {}, {}
        # From coarse to fine.
        self.order = sorted(self.levels, key=level_stride, reverse=True)

    def build(self, features_shape, image_shape):
        """Creates the weights."""
        self._require_levels(features_shape)
        targets = [features_shape[k] for k in self.order[1:]] + [image_shape]
        strides = [level_stride(k) for k in self.order] + [1]
        for k, level in enumerate(self.order):
            # Skips start from zero, as in the paper.
            self.scores[level] = layers.Conv2D(
                self.num_classes,
                1,
                kernel_initializer="zeros" if k else "glorot_uniform",
                dtype="float32",
                name=f"{level}_scores",
            )
            self.scores[level].build(tuple(features_shape[level]))
            self.enlargings[level] = Upsample2D(
                self.upsampling,
                factor=strides[k] // strides[k + 1],
                dtype="float32",
                name=f"{level}_enlarging",
            )
            shape = (*features_shape[level][:3], self.num_classes)
            self.enlargings[level].build(shape, tuple(targets[k]))

    def call(self, features, image):
        """Returns the logits."""
        x = None
        finer = [features[k] for k in self.order[1:]] + [image]
        for level, reference in zip(self.order, finer):
            scores = self.scores[level](features[level])
            x = scores if x is None else x + scores
            x = self.enlargings[level](x, reference)
        return x

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "levels": self.levels,
            "upsampling": self.upsampling,
        }

    def _require_levels(self, features):
        given = features if isinstance(features, dict) else {}
        missing = [level for level in self.levels if level not in given]
        if missing:
            raise ValueError(
                f"{self.name!r} expects a dict with the levels {self.levels}, "
                f"received {sorted(given) or features!r}."
            )
