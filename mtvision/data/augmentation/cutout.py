"""Hiding squares of the image."""

import numpy as np

from mtvision.data.augmentation.options import check_count, check_number
from mtvision.data.augmentation.pixel_step import PixelStep


class Cutout(PixelStep):
    """Hides squares of the image; all labels stay.

    The centre of a square lies anywhere on the image, so that its edges may
    cut it.

    Args:
        size: Side of a square, as a share of the shorter side of the image.
        count: Number of squares.
        fill: Value of the pixels there, one number or one a channel.
        probability: Share of the samples that are changed.

    Reference:
        DeVries and Taylor, "Improved Regularization of Convolutional Neural
        Networks with Cutout", 2017.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.Cutout(size=1.0)])
    >>> sample = {"image": np.full((4, 4, 3), 9, "uint8")}
    >>> bool((augment(sample, np.random.default_rng(0))["image"] == 0).any())
    True
    """

    def __init__(self, *, size=0.25, count=1, fill=0, probability=1.0):
        super().__init__(probability=probability)
        check_number("size", size, highest=1.0)
        check_count("count", count)
        self.size = size
        self.count = count
        self.fill = fill

    def draw_change(self, generator):
        """See `PixelStep`."""
        centres = generator.random((self.count, 2))
        return lambda image: self._hide(image, centres)

    def _hide(self, image, centres):
        image = image.copy()
        shape = np.array(image.shape[:2])
        side = max(1, round(self.size * shape.min()))
        for start in np.floor(centres * shape).astype(int) - side // 2:
            top, left = np.maximum(start, 0)
            bottom, right = np.maximum(start + side, 0)
            image[top:bottom, left:right] = self.fill
        return image
