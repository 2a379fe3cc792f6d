"""SSD's default boxes, as shares of the image."""

import keras

from mtvision.ops.anchors import default_box_scales, default_boxes
from mtvision.ops.pyramids import level_stride


@keras.saving.register_keras_serializable(package="mtvision")
class DefaultBoxes:
    """Default boxes whose sizes are shares of the image, level by level.

    A cell has two squares, and for each ratio a wide and a high box.

    Args:
        aspect_ratios: For each level, from fine to coarse, a sequence of
            longer over shorter sides.
        scales: `None` for `mtvision.ops.default_box_scales`, or shares of
            the image, one for each level and one more.
        steps: `None`, or for each level the pixels from one cell to the
            next; by default the cells share the image evenly.
        clip: Whether no box is larger than the image.

    Call:
        map_shapes: Dict from levels to `(H, W)` of their maps, whole numbers
            or scalar tensors.
        image_shape: `(H, W)` of the image in pixels, likewise.

    Returns:
        Tensor (A, 4), xyxy in pixels, float32.

    Raises:
        ValueError: If there are not as many of an argument as levels.

    Example:

    >>> boxes = DefaultBoxes(aspect_ratios=[[2], []])
    >>> tuple(boxes({"P3": (2, 2), "P4": (1, 1)}, (64, 64)).shape)
    (18, 4)

    Reference:
        Liu et al., SSD, 2016. Equal to torchvision's `DefaultBoxGenerator`.
    """

    def __init__(
        self,
        *,
        aspect_ratios=((2,), (2, 3), (2, 3), (2, 3), (2,), (2,)),
        scales=None,
        steps=None,
        clip=True,
    ):
        self.aspect_ratios = [tuple(ratios) for ratios in aspect_ratios]
        self.scales = None if scales is None else tuple(scales)
        self.steps = None if steps is None else tuple(steps)
        self.clip = clip
        self._require(len(self.aspect_ratios))

    def __call__(self, map_shapes, image_shape):
        """Returns the boxes of all levels."""
        levels = sorted(map_shapes, key=level_stride)
        self._require(len(levels))
        return default_boxes(
            [map_shapes[level] for level in levels],
            image_shape,
            aspect_ratios=self.aspect_ratios,
            scales=self.scales or default_box_scales(len(levels)),
            steps=self.steps,
            clip=self.clip,
        )

    def per_cell(self, levels):
        """How many boxes a cell of each level has.

        Args:
            levels: Names of the levels, from fine to coarse.

        Returns:
            List of integers.

        Raises:
            ValueError: If there are not as many `aspect_ratios` as levels.
        """
        self._require(len(levels))
        return [2 + 2 * len(ratios) for ratios in self.aspect_ratios]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            "aspect_ratios": self.aspect_ratios,
            "scales": self.scales,
            "steps": self.steps,
            "clip": self.clip,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)

    def _require(self, levels):
        scales, steps = self.scales, self.steps
        lengths = [
            len(self.aspect_ratios),
            levels if scales is None else len(scales) - 1,
            levels if steps is None else len(steps),
        ]
        if not levels or lengths != [levels] * 3:
            raise ValueError(
                f"Expected, for {levels} levels, as many aspect_ratios and "
                "steps and one scale more; received "
                f"aspect_ratios={self.aspect_ratios}, steps={steps}, "
                f"scales={scales}."
            )
