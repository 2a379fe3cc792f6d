"""Changing colours."""

import numpy as np

from mtvision.data.augmentation.hsv import change_hsv
from mtvision.data.augmentation.options import check_number
from mtvision.data.augmentation.pixel_step import PixelStep


class RandomHSV(PixelStep):
    """Changes hue, saturation and brightness (value) of the image.

    The hue is shifted, saturation and value are multiplied by factors about 1,
    as in YOLOv5, whose numbers are the defaults.

    Args:
        hue: The largest shift to either side, as a share of the circle: at 0.5
            any hue may become any other.
        saturation: The largest departure of the factor from 1.
        value: The same for the brightness.
        probability: Share of the samples that are changed.

    Raises:
        ValueError: If an option is not between 0 and 1 (hue: 0.5); when
            called, if an image has not three channels.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomHSV(hue=0.05)])
    """

    def __init__(
        self, *, hue=0.015, saturation=0.7, value=0.4, probability=1.0
    ):
        super().__init__(probability=probability)
        check_number("hue", hue, highest=0.5)
        check_number("saturation", saturation, highest=1.0)
        check_number("value", value, highest=1.0)
        self.hue = hue
        self.saturation = saturation
        self.value = value

    def draw_change(self, generator):
        """See `PixelStep`."""
        limits = np.array([self.hue, self.saturation, self.value])
        hue, saturation, value = generator.uniform(-limits, limits)
        return lambda image: _changed(image, hue, 1 + saturation, 1 + value)


def _changed(image, hue, saturation, value):
    if image.shape[-1] != 3:
        raise ValueError(
            "RandomHSV: expected an image of three channels (RGB), received "
            f"shape {image.shape}."
        )
    return change_hsv(image, hue, saturation, value)
