"""Reading image files by what is in them, whatever their names say."""

import contextlib
import pathlib
import threading

import numpy as np

from mtvision.data.readers.text_files import require_file

SIXTEEN_BITS = 65535
# Some of them can do without loss, and do not tell.
LOSSY = ("AVIF", "JPEG", "JPEG2000", "MPO", "WEBP")
# Images of more pixels are decoded one after the other: a few of the largest,
# with what their conversion needs, would fill the memory.
MANY_PIXELS = 2**24
_many = threading.Lock()
# What Pillow reads with other programs, or unfolds before it knows the size:
# never, whatever a file is named.
NO_PICTURES = [
    "BUFR",
    "EPS",
    "FITS",
    "GRIB",
    "HDF5",
    "ICNS",
    "ICO",
    "MPEG",
    "WMF",
]


def read_image(path):
    """Reads an image file as RGB.

    Palettes, grey values, CMYK and 16 bits a channel are converted; what is
    transparent is laid on white; of an animation the first picture is read.
    An orientation noted by the camera (EXIF) is not applied: annotation tools
    number the pixels as they are stored. Images of more pixels than
    `PIL.Image.MAX_IMAGE_PIXELS`, 89 million unless you set it, are refused
    before they are decoded.

    Args:
        path: Path of the file.

    Returns:
        Uint8 array (H, W, 3), 0 to 255.

    Raises:
        ValueError: If the file is missing, damaged, too large or no image.

    Example:

    >>> read_image("photos/cat.jpg")  # doctest: +SKIP
    array([[[ 37,  20,  12], ...
    """
    return _read(path, lambda image: _in_turn(image, _to_rgb))


def read_mask(path):
    """Reads a file of class numbers: palette indices or grey values, exactly.

    Args:
        path: Path of a PNG or another lossless file of one channel.

    Returns:
        Int32 array (H, W).

    Raises:
        ValueError: If the file is missing, damaged, holds colours or is of a
            format that loses something, which changes class numbers.

    Example:

    >>> read_mask("masks/cat.png")  # doctest: +SKIP
    array([[2, 2, 2, ...
    """
    return _read(path, lambda image: _in_turn(image, _to_numbers))


def read_header(path):
    """What an image file says of itself, without decoding it.

    Args:
        path: Path of the file.

    Returns:
        Dict of `shape`, (H, W); `fault`, None or what the name hides, for
        example `"GIF (P) named .jpg"`; `turned`, whether the camera noted
        that the image is to be turned or mirrored.

    Raises:
        ValueError: If the file is missing, damaged or no image.

    Example:

    >>> read_header("photos/cat.jpg")["fault"]  # doctest: +SKIP
    'GIF (P) named .jpg'
    """
    return _read(path, _to_header)


def suffixes():
    """The suffixes of image files that can be read, as `".png"`.

    Example:

    >>> {".png", ".jpg"} <= suffixes()
    True
    """
    from PIL import Image

    return {
        suffix
        for suffix, name in Image.registered_extensions().items()
        if name in _formats()
    }


@contextlib.contextmanager
def opened(file):
    """A `PIL.Image.Image` to decode, of a size that can be held in memory.

    Args:
        file: Path, or an open file.

    Yields:
        The image, of which only the header has been read.

    Raises:
        ValueError: If it has more pixels than `PIL.Image.MAX_IMAGE_PIXELS`.
            Pillow raises errors of many other kinds.

    Example:

    >>> with opened("photos/cat.jpg") as image:  # doctest: +SKIP
    ...     print(image.size)
    (640, 480)
    """
    from PIL import Image

    with Image.open(file, formats=_formats()) as image:
        # Pillow warns only, of a file of a few kB that unfolds to gigabytes.
        most = Image.MAX_IMAGE_PIXELS
        if most is not None and image.width * image.height > most:
            raise ValueError(
                f"it has {image.width} x {image.height} pixels, more than "
                f"PIL.Image.MAX_IMAGE_PIXELS, {most}, against decompression "
                "bombs; set that to more, or to None, for images that you trust"
            )
        yield image


def _formats():
    from PIL import Image

    Image.init()
    return [k for k in Image.ID if k in Image.OPEN and k not in NO_PICTURES]


def _read(path, convert):
    require_file(path)
    try:
        with opened(path) as image:
            return convert(image)
    # Decoders raise errors of every kind on damaged files.
    except Exception as error:
        raise ValueError(
            f"{path}: cannot be read as an image ({error}). Replace the file, "
            "or leave it out."
        ) from error


def _in_turn(image, convert):
    is_large = image.width * image.height > MANY_PIXELS
    with _many if is_large else contextlib.nullcontext():
        return convert(image)


def _to_header(image):
    suffix = pathlib.PurePath(image.filename).suffix.lower()
    # A JPEG with a second picture behind it, as telephones write.
    found = {"MPO": "JPEG"}.get(image.format, image.format)
    fault = None
    if _format_of(suffix) != found:
        fault = f"{found} ({image.mode}) named {suffix or 'without suffix'}"
    return {
        "shape": (image.height, image.width),
        "fault": fault,
        "turned": _orientation(image) in range(2, 9),
    }


def _orientation(image):
    # Of a PNG without it in front, Pillow decodes all to look for it behind.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return image.getexif().get(0x0112, 1)


def _format_of(suffix):
    from PIL import Image

    return Image.registered_extensions().get(suffix)


def _to_rgb(image):
    from PIL import Image

    image.load()
    if image.mode == "F":
        raise ValueError("it holds floats, not colours from 0 to 255")
    if image.mode.startswith("I"):
        return np.repeat(_sixteen_to_eight_bits(image)[..., None], 3, axis=-1)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return np.asarray(image.convert("RGB"))


def _sixteen_to_eight_bits(image):
    values = np.asarray(image)
    if values.min() < 0 or values.max() > SIXTEEN_BITS:
        raise ValueError(
            f"its grey values run from {values.min()} to {values.max()}; "
            f"expected 16 bits, 0 to {SIXTEEN_BITS}"
        )
    # Rounds v * 255 / 65535, of which no half is left over.
    return ((values.astype("uint32") + 128) // 257).astype("uint8")


def _to_numbers(image):
    packed = image.info.get("compression", "")  # of a TIFF
    if image.format in LOSSY or packed in ("jpeg", "tiff_jpeg", "webp"):
        raise ValueError(
            f"it is a {image.format} {packed}".rstrip()
            + ", which need not keep class numbers exactly; store masks as PNG"
        )
    numbers = np.asarray(image)
    if numbers.ndim == 3 and (numbers[..., :3] == numbers[..., :1]).all():
        numbers = numbers[..., 0]
    if numbers.ndim != 2 or numbers.dtype.kind == "f":
        raise ValueError(
            f"expected one channel of class numbers, found {image.mode}; "
            "translate colours to numbers first"
        )
    if numbers.min() < 0 or numbers.max() > SIXTEEN_BITS:
        raise ValueError(
            f"its numbers run from {numbers.min()} to {numbers.max()}; "
            f"expected classes from 0 to {SIXTEEN_BITS}"
        )
    return numbers.astype("int32")
