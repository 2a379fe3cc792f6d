"""Changing colours."""

import numpy as np

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
        """See `PixelStep`. Float images are rounded to whole levels."""
        limits = np.array([self.hue, self.saturation, self.value])
        hue, saturation, value = generator.uniform(-limits, limits)
        levels = np.arange(256)
        # Pillow's hue runs from 0 to 255, once around.
        table = [
            np.rint(levels + 256 * hue) % 256,
            np.clip(np.rint(levels * (1 + saturation)), 0, 255),
            np.clip(np.rint(levels * (1 + value)), 0, 255),
        ]
        table = np.concatenate(table).astype("int64").tolist()
        return lambda image: _look_up(image, table)


def _look_up(image, table):
    from PIL import Image

    if image.shape[-1] != 3:
        raise ValueError(
            "RandomHSV: expected an image of three channels (RGB), received "
            f"shape {image.shape}."
        )
    levels = image
    if image.dtype != np.uint8:
        levels = np.clip(np.rint(image), 0, 255).astype("uint8")
    picture = Image.fromarray(levels).convert("HSV").point(table)
    return np.array(picture.convert("RGB")).astype(image.dtype, copy=False)
