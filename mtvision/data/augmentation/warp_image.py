"""Sampling an image once, along a matrix."""

import math

import numpy as np

from mtvision.data.augmentation import matrices

# Pixel centres this close to an edge count as inside, in images as in maps, so
# that rounding cannot tell the two apart.
TOLERANCE = 1e-6


def warp_image(image, matrix, size, *, fill=0):
    """Moves the pixels of an image, bilinearly.

    Mirrors, quarter turns and shifts by whole pixels are exact copies, other
    values of uint8 are rounded. Where the image
    shrinks, it is averaged over the covered pixels, exactly for maps without
    rotation, else by a whole number of pixels before it is turned.

    Args:
        image: (H, W, C) uint8 or float array.
        matrix: (3, 3), from old to new pixel coordinates.
        size: (height, width) of the result.
        fill: Value of what lies outside of the image, one number or C.

    Returns:
        New array of the same type, (height, width, C).

    Example:

    >>> image = np.array([[[1], [2], [3]]], "uint8")
    >>> turned = matrices.mirror((1, 3), horizontal=True, vertical=False)
    >>> warp_image(image, turned, (1, 3))[0, :, 0].tolist()
    [3, 2, 1]
    """
    if abs(matrix[0, 1]) + abs(matrix[1, 0]) > 1e-12:
        if abs(matrix[0, 0]) + abs(matrix[1, 1]) > 1e-12:
            return _turn(image, matrix, size, fill)
        # A quarter turn: the transposed image, mirrored.
        image, matrix = image.transpose(1, 0, 2), matrix[:, [1, 0, 2]]
    # Mirrored after it was sampled: then all scales are positive.
    left, up = matrix[0, 0] < 0, matrix[1, 1] < 0
    upright = matrices.mirror(size, horizontal=left, vertical=up) @ matrix
    sampled = _stretch(image, upright, size, fill)
    return sampled[:: -1 if up else 1, :: -1 if left else 1].copy()


def inside(scale, shift, source, target):
    """The range of new pixels whose centres come from within the old ones.

    Args:
        scale: New pixels an old pixel, positive.
        shift: New coordinate of the old edge 0.
        source: Number of old pixels.
        target: Number of new pixels.

    Returns:
        (start, stop).

    Example:

    >>> inside(1.0, 2.0, 3, 10)
    (2, 5)
    """
    slack = TOLERANCE * scale
    start = math.ceil(shift - 0.5 - slack)
    stop = math.ceil(shift + scale * source - 0.5 - slack)
    return max(0, min(start, target)), max(0, min(stop, target))


def _stretch(image, matrix, size, fill):
    scales, shifts = (matrix[1, 1], matrix[0, 0]), (matrix[1, 2], matrix[0, 2])
    ranges = [
        inside(scales[k], shifts[k], image.shape[k], size[k]) for k in (0, 1)
    ]
    inner = tuple(stop - start for start, stop in ranges)
    if min(inner) == 0:
        return _filled(size, image, fill)
    edges = [
        [(end - shifts[k]) / scales[k] for end in ranges[k]] for k in (0, 1)
    ]
    part = _resize(image, edges, inner)
    if inner == tuple(size):
        return part
    result = _filled(size, image, fill)
    result[slice(*ranges[0]), slice(*ranges[1])] = part
    return result


def _resize(image, edges, size):
    """The part of an image between edges [(top, bottom), (left, right)]."""
    whole = [[round(edge) for edge in pair] for pair in edges]
    sizes = tuple(stop - start for start, stop in whole)
    near = np.abs(np.subtract(edges, whole)).max() < TOLERANCE
    if near and sizes == size:
        return image[slice(*whole[0]), slice(*whole[1])]
    # Half a new pixel of the part may lie beyond the image.
    beyond = [
        [max(0, -start), max(0, stop - image.shape[k])]
        for k, (start, stop) in enumerate(edges)
    ]
    if np.max(beyond) > TOLERANCE:
        widths = [[math.ceil(width) for width in pair] for pair in beyond]
        image = np.pad(image, [*widths, (0, 0)], mode="edge")
        edges = [
            [edge + widths[k][0] for edge in pair]
            for k, pair in enumerate(edges)
        ]
    (top, bottom), (left, right) = (
        np.clip(pair, 0, image.shape[k]) for k, pair in enumerate(edges)
    )
    return _with_pillow(
        image,
        lambda picture, bilinear, _: picture.resize(
            (size[1], size[0]), bilinear, box=(left, top, right, bottom)
        ),
    )


def _turn(image, matrix, size, fill):
    image, matrix = _needed_part(image, matrix, size)
    if 0 in image.shape:
        return _filled(size, image, fill)
    # Shrinking by a third or more is left to averages of whole pixels.
    shape = [
        max(1, round(side / max(1, round(1 / np.linalg.norm(column)))))
        for side, column in zip(image.shape[1::-1], matrix[:2, :2].T)
    ]
    back = matrices.scale(image.shape[1] / shape[0], image.shape[0] / shape[1])
    inverse = matrices.invert(matrix @ back)[:2]
    inverse[:, 2] += TOLERANCE

    def turn(picture, bilinear, outside):
        from PIL import Image

        return _shrink(picture, tuple(shape)).transform(
            (size[1], size[0]),
            Image.Transform.AFFINE,
            tuple(inverse.ravel()),
            bilinear,
            fillcolor=outside,
        )

    # Pillow cuts the values of uint8 off here, and does not round them.
    return _with_pillow(image, turn, fill, as_floats=True)


def _needed_part(image, matrix, size):
    """What the new image shows of the old one, and the matrix from there."""
    corners = [0, 0, size[1], size[0]]
    edges = matrices.move_boxes(corners, matrices.invert(matrix))
    # As much more as the averages of neighbouring new pixels reach.
    margin = 2 + 2 / min(np.linalg.norm(matrix[:2, :2], axis=0))
    starts = np.clip(np.floor(edges[:2] - margin), 0, image.shape[1::-1])
    stops = np.clip(np.ceil(edges[2:] + margin), 0, image.shape[1::-1])
    (left, top), (right, bottom) = starts.astype(int), stops.astype(int)
    part = image[top:bottom, left:right]
    return part, matrix @ matrices.translate(left, top)


def _shrink(picture, shape):
    from PIL import Image

    if picture.size == shape:
        return picture
    factors = [old // new for old, new in zip(picture.size, shape)]
    if all(n * k == old for n, k, old in zip(shape, factors, picture.size)):
        return picture.reduce(tuple(factors))
    return picture.resize(shape, Image.Resampling.BOX)


def _filled(size, image, fill):
    result = np.empty((*size, image.shape[-1]), image.dtype)
    result[...] = fill
    return result


def _with_pillow(image, change, fill=0, *, as_floats=False):
    """Applies a function of a Pillow image, a filter and the value outside."""
    from PIL import Image

    bilinear = Image.Resampling.BILINEAR
    fill = np.broadcast_to(fill, image.shape[-1])
    if image.dtype == np.uint8 and image.shape[-1] == 3 and not as_floats:
        outside = tuple(int(value) for value in fill)
        return np.array(change(Image.fromarray(image), bilinear, outside))
    planes = [
        np.asarray(
            change(
                Image.fromarray(plane.astype("float32")), bilinear, float(value)
            )
        )
        for plane, value in zip(np.moveaxis(image, -1, 0), fill)
    ]
    stacked = np.stack(planes, axis=-1)
    if image.dtype.kind == "u":
        stacked = np.rint(stacked)
    return stacked.astype(image.dtype)
