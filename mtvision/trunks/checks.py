"""Checks of what a trunk is made from, raised while it is built."""

import difflib
import pathlib

import keras

from mtvision.ops.shapes import require_channels_last

LEVELS = tuple(f"P{k}" for k in range(8))
# Pixels that leave a cell in any trunk known.
ENOUGH = 256


def image_input(image_shape):
    """A symbolic image of the given shape (H, W, 3), values 0 to 255."""
    require_channels_last("A trunk")
    if not isinstance(image_shape, list | tuple) or len(image_shape) != 3:
        raise ValueError(
            "Expected image_shape to be (H, W, 3), received "
            f"{image_shape}. Leave the batch out; write None for a "
            "height or width that may vary."
        )
    require_image((None, *image_shape))
    return keras.Input(tuple(image_shape), name="image")


def require_image(shape):
    """Raises unless a shape is that of RGB images (B, H, W, 3)."""
    if len(shape) == 4 and shape[3] == 3:
        return
    remedy = "Convert the images to RGB, or repeat a grey channel three times."
    if len(shape) == 4 and shape[1] == 3:
        remedy = "Move the channels last: (B, 3, H, W) becomes (B, H, W, 3)."
    raise ValueError(
        "A trunk expects RGB images (B, H, W, 3), received shape "
        f"{tuple(shape)}. {remedy}"
    )


def require_levels(levels):
    """Raises unless `levels` is a dict with keys among `"P0"` to `"P7"`."""
    if not isinstance(levels, dict) or not levels:
        raise ValueError(
            "Expected a dict from levels to feature maps such as {'P3': ..., "
            f"'P4': ...}}, received {levels!r}."
        )
    unknown = sorted(set(levels) - set(LEVELS), key=str)
    if unknown:
        raise ValueError(
            f"Expected levels among {LEVELS}, where P3 has stride 2 ** 3 = 8, "
            f"received {unknown}."
        )


def require_strides(image_shape, shapes):
    """Raises unless level Pk is about 2 ** k times smaller than the image.

    Rounding and unpadded convolutions may move a size by a quarter and one.

    Args:
        image_shape: Tuple (B, H, W, 3); axes that are None go unchecked.
        shapes: Dict from levels to tuples (B, h, w, C), likewise.
    """
    for level, shape in shapes.items():
        if len(shape) != 4:
            raise ValueError(
                f"Expected level {level} to be a feature map (B, H, W, C), "
                f"received shape {tuple(shape)}. Choose a layer before the "
                "pooling or flattening."
            )
        stride = 2 ** int(level[1:])
        for size, full in zip(shape[1:3], image_shape[1:3]):
            if None in (size, full):
                continue
            expected = full / stride
            if abs(size - expected) > expected / 4 + 1:
                raise ValueError(
                    f"Expected level {level} to have stride {stride}, received "
                    f"a feature map of shape {tuple(shape)} for images of "
                    f"shape {tuple(image_shape)}. Name the level by its "
                    "stride: Pk has stride 2 ** k."
                )


def require_cells(trunk, image_shape):
    """Raises if nothing is left of an image in a trunk.

    Args:
        trunk: A functional model of images.
        image_shape: Tuple (B, H, W, 3); axes that are None go unchecked, as
            does what is no such shape.
    """
    if len(image_shape) != 4 or trunk.input.shape[1:3] != (None, None):
        return
    size = tuple(n or ENOUGH for n in image_shape[1:3])
    if min(size) >= ENOUGH or _leaves_cells(trunk, *size):
        return
    smallest = next(
        (n for n in range(1, ENOUGH) if _leaves_cells(trunk, n, n)), None
    )
    if smallest is not None:
        raise ValueError(
            f"The trunk {trunk.name!r} takes images of at least {smallest} x "
            f"{smallest} pixels, as its poolings or convolutions do not pad; "
            f"received {tuple(image_shape)}. Give larger images, or a trunk "
            "that pads, such as mtvision.trunks.ContractingPath."
        )


def _leaves_cells(trunk, height, width):
    try:
        shapes = trunk.compute_output_shape((None, height, width, 3))
    except ValueError:
        return False
    return all(min(shape[1:3]) > 0 for shape in shapes.values())


def require_weights(weights, *, named=()):
    """Raises unless `weights` is None, a known name or an existing file."""
    if weights is None or weights in named or pathlib.Path(weights).is_file():
        return
    expected = ["None", *(repr(name) for name in named)]
    raise ValueError(
        f"Expected weights to be {', '.join(expected)} or the path of an "
        f"existing file, received {str(weights)!r}, which is not a file."
    )


def require_name(name, names, what):
    """Raises unless `name` is one of `names`; proposes close matches."""
    if name in names:
        return
    close = difflib.get_close_matches(str(name), names, n=5, cutoff=0.5)
    remedy = f"Did you mean one of {close}?" if close else ""
    raise ValueError(
        f"Expected {what}, received {name!r}. {remedy or f'Known: {names}.'}"
    )
