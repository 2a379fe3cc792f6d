"""What is unusual in images, and in the files they come from."""

import numpy as np

from mtvision.data import fields
from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding
from mtvision.data.readers import images as image_files

# Pillow's names of what a file holds for each pixel.
MODES = {
    "1": [kinds.GREY],
    "L": [kinds.GREY],
    "LA": [kinds.GREY, kinds.TRANSPARENT],
    "P": [kinds.PALETTE],
    "PA": [kinds.PALETTE, kinds.TRANSPARENT],
    "RGBA": [kinds.TRANSPARENT],
    "CMYK": [kinds.CMYK],
    "I": [kinds.GREY, kinds.DEEP],
    "F": [kinds.GREY, kinds.DEEP],
}


def check_colours(sample):
    """Finds images of a single colour, and floats that end at 1."""
    for name, image in sample.items():
        if not fields.is_image_field(name):
            continue
        if is_of_one_colour(image):
            yield Finding(kinds.ONE_COLOUR, name, f"{image[0, 0].tolist()}")
        if image.dtype.kind == "f" and 0 < image.max() <= 1:
            yield Finding(kinds.DARK, name, "trunks expect 0 to 255")


def is_of_one_colour(image):
    """Whether all pixels of an image (H, W, C) are the same.

    Example:

    >>> is_of_one_colour(np.ones((4, 4, 3)))
    True
    """
    colour = image[:1, :1]
    # Most images show in their first row that they are not.
    first_row = (image[:1] == colour).all()
    return bool(first_row and (image == colour).all())


def check_channels(sample):
    """Finds images in memory of one channel (grey) or four (transparency)."""
    kind = {1: kinds.GREY, 4: kinds.TRANSPARENT}
    for name, image in sample.items():
        if fields.is_image_field(name) and image.shape[-1] in kind:
            detail = f"{image.shape[-1]} channels"
            yield Finding(kind[image.shape[-1]], name, detail)


def check_file(path):
    """Finds what an image file says of itself that its name does not.

    Args:
        path: Path of the file.

    Returns:
        List of `Finding`.

    Example:

    >>> check_file("photos/cat.jpg")  # doctest: +SKIP
    [Finding(kind='file named otherwise', ...
    """
    try:
        header = image_files.read_header(path)
    except ValueError as error:
        return [Finding(kinds.UNREADABLE, "image", str(error))]
    found = []
    if header["fault"]:
        found.append(Finding(kinds.NAMED_OTHERWISE, "image", header["fault"]))
    if header["turned"]:
        found.append(Finding(kinds.TURNED, "image", "read as it is stored"))
    return found + _modes(path)


def _modes(path):
    with image_files.opened(path) as image:
        mode = image.mode
        found = MODES.get(mode.partition(";")[0], [])
        see_through = image.has_transparency_data
    if see_through and kinds.TRANSPARENT not in found:
        found = [*found, kinds.TRANSPARENT]
    return [Finding(kind, "image", f"mode {mode}") for kind in found]


def near_hash(image):
    """A number of 64 bits that similar images have nearly in common: whether
    each of 8 x 8 places is brighter than its right neighbour.

    Args:
        image: (H, W, C), 0 to 255.

    Returns:
        An int.

    Reference: N. Krawetz, "Kind of Like That" (2013), dHash.

    Example:

    >>> brightness = np.arange(32, 0, -1)[None, :, None]
    >>> near_hash(np.tile(brightness, (32, 1, 3))) == 2**64 - 1
    True
    """
    from PIL import Image

    grey = image.astype("float32").mean(axis=-1)
    box = Image.Resampling.BOX
    small = np.asarray(Image.fromarray(grey).resize((9, 8), box))
    bits = np.packbits(small[:, :-1] > small[:, 1:])
    return int.from_bytes(bits.tobytes(), "big")
