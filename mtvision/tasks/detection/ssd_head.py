"""SSD's head: one convolution at every level."""

import keras
from keras import layers, ops

from mtvision.ops.level_maps import (
    as_rows,
    choose_levels,
    map_shapes,
)
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.detection.columns import join
from mtvision.tasks.detection.default_boxes import DefaultBoxes


@keras.saving.register_keras_serializable(package="mtvision")
class SSDHead(layers.Layer):
    """Gives every default box a class, or the background, and a box.

    Each level has a 3x3 convolution of its own, so levels may have different
    channels and numbers of boxes.

    Args:
        num_classes: C, without the background.
        levels: Names of the levels to use, or `None` for all that come.
        boxes: `DefaultBoxes`, with aspect ratios for each of the levels; by
            default those of the paper for six.

    Call:
        features: Dict of maps `{"P3": (B, H / 8, W / 8, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) of whose size the default
            boxes are shares. Without it the size is that of the finest level
            times its stride, which is larger than the image where the
            image's size is no multiple of the stride.

    Returns:
        Tensor (B, A, 4 + (1 + C) + 4), float32: for every default box the
        deltas, the logits of the background and of the classes, and the box
        itself, xyxy in pixels.

    Raises:
        ValueError: If a level is missing, or the image is smaller than a
            cell of the coarsest level.

    Example:

    >>> pyramid = {"P3": keras.ops.ones((1, 4, 4, 8)),
    ...            "P4": keras.ops.ones((1, 2, 2, 6))}
    >>> boxes = mtv.tasks.DefaultBoxes(aspect_ratios=[[2], [2, 3]])
    >>> tuple(SSDHead(20, boxes=boxes)(pyramid).shape)
    (1, 88, 29)

    Reference:
        Liu et al., SSD, 2016.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("MultiBoxLoss",)

    def __init__(self, num_classes, *, levels=None, boxes=None, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        if levels is not None and not levels:
            raise ValueError(
                "Expected levels as names such as ('P3', 'P4'), or None for "
                f"all, received {levels!r}."
            )
        self.num_classes = num_classes
        self.levels = None if levels is None else tuple(levels)
        self.boxes = DefaultBoxes() if boxes is None else boxes

    def build(self, features_shape, image_shape=None):
        """Creates the weights."""
        levels = choose_levels(features_shape, self.levels, self.name)
        self.coarsest_stride = max(level_stride(k) for k in levels)
        self.logits, self.deltas = {}, {}
        for level, number in zip(levels, self.boxes.per_cell(levels)):
            outputs = {
                "logits": number * (self.num_classes + 1),
                "deltas": number * 4,
            }
            for kind, channels in outputs.items():
                convolution = layers.Conv2D(
                    channels,
                    3,
                    padding="same",
                    dtype="float32",
                    name=f"{level}_{kind}",
                )
                convolution.build(features_shape[level])
                getattr(self, kind)[level] = convolution

    def call(self, features, image=None):
        """Returns the rows of all default boxes."""
        levels = choose_levels(features, self.levels, self.name)
        sizes = map_shapes(features, levels)
        require_room({k: features[k].shape for k in levels})
        if image is None:
            stride = level_stride(levels[0])
            image_shape = tuple(size * stride for size in sizes[levels[0]])
        else:
            image_shape = tuple(ops.shape(image)[1:3])
        logits = [
            as_rows(self.logits[k](features[k]), self.num_classes + 1)
            for k in levels
        ]
        deltas = [as_rows(self.deltas[k](features[k]), 4) for k in levels]
        return join(
            ops.concatenate(deltas, axis=1),
            ops.concatenate(logits, axis=1),
            self.boxes(sizes, image_shape),
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "levels": self.levels,
            "boxes": keras.saving.serialize_keras_object(self.boxes),
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        boxes = keras.saving.deserialize_keras_object(config["boxes"])
        return cls(**{**config, "boxes": boxes})
