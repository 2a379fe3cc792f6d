"""Colours by hue, saturation and value, without leaving RGB."""

import numpy as np

# Pixels at a time, so that what is computed for them stays in the cache.
STRIP = 32768


def change_hsv(image, hue, saturation, value):
    """Shifts the hue of an image, and multiplies saturation and value.

    As a conversion to HSV and back in float32, without the rounding between.
    Pillow's HSV has 256 levels of hue and saturation, by which colours come
    out wrong by up to 6 of 255.

    Args:
        image: (H, W, 3) uint8 or float, 0 to 255.
        hue: Share of the circle to add, -1 to 1.
        saturation: Factor; the result is at most 1.
        value: Factor; the result is at most 255.

    Returns:
        New array of the same type.

    Reference:
        Smith, "Color Gamut Transform Pairs", 1978.

    Example:

    >>> change_hsv(np.array([[[200, 0, 0]]], "uint8"), 1 / 3, 1, 0.5).tolist()
    [[[0, 100, 0]]]
    """
    result = np.empty_like(image)
    rows = max(1, STRIP // image.shape[1])
    for start in range(0, len(image), rows):
        strip = image[start : start + rows]
        planes = [strip[..., k].astype("float32") for k in range(3)]
        changed = _change(planes, hue, saturation, value)
        for k, plane in enumerate(changed):
            if image.dtype.kind == "u":
                np.rint(plane, out=plane)
            result[start : start + rows, :, k] = plane
    return result


def _change(planes, hue, saturation, value):
    """Gives the new planes, one after the other."""
    red, green, blue = planes
    highest = np.maximum(np.maximum(red, green), blue)
    chroma = highest - np.minimum(np.minimum(red, green), blue)
    np.maximum(chroma, 1e-6, out=chroma)
    bright = np.minimum(highest * np.float32(value), 255)
    # New chroma: value times the smaller of saturation and 1.
    strength = chroma * np.float32(saturation)
    strength /= np.maximum(highest, 1e-6)
    strength = np.minimum(strength, 1, out=strength) * bright
    if hue == 0:
        shares = ((highest - plane) / chroma for plane in planes)
    else:
        shares = _shares(_sixths(planes, highest, chroma), hue)
    for share in shares:
        share *= strength
        yield np.subtract(bright, share, out=share)


def _sixths(planes, highest, chroma):
    """The hue, -1 to 5: red is 0, green 2, blue 4."""
    red, green, blue = planes
    about_red = green - blue
    about_green = (blue - red) + 2 * chroma
    about_blue = (red - green) + 4 * chroma
    sixths = np.where(highest == green, about_green, about_blue)
    sixths = np.where(highest == red, about_red, sixths)
    return np.divide(sixths, chroma, out=sixths)


def _shares(sixths, hue):
    """How far red, green and blue lie below the highest of them, as a share
    of the chroma.
    """
    sixths = sixths + np.float32(6 * (hue % 1))
    sixths -= 6 * (sixths >= 6)
    for opposite in (3, 5, 1):
        # 3 less the distance on the circle from the opposite hue.
        near = np.abs(sixths - opposite)
        near -= 3
        np.abs(near, out=near)
        near -= 1
        np.maximum(near, 0, out=near)
        yield np.minimum(near, 1, out=near)
