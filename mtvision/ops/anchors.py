"""Anchors: the boxes that a dense head starts from."""

import itertools
import numbers

import numpy as np
from keras import ops


def cell_anchors(sizes, aspect_ratios):
    """Anchors of one cell, around its origin, on whole pixels.

    Args:
        sizes: Square roots of the areas, in pixels.
        aspect_ratios: Heights over widths.

    Returns:
        Array (K, 4), float32, xyxy: all sizes of the first ratio, then of the
        next.

    Raises:
        ValueError: If there is no size or ratio, or one is not positive.

    Example:

    >>> cell_anchors([32], [1.0, 4.0]).tolist()
    [[-16.0, -16.0, 16.0, 16.0], [-8.0, -32.0, 8.0, 32.0]]

    Reference:
        Ren et al., Faster R-CNN, 2015. Equal to torchvision's
        `AnchorGenerator`, which rounds half a pixel to the even one.
    """
    _require_positive(sizes, "sizes")
    _require_positive(aspect_ratios, "aspect_ratios")
    height = np.sqrt(np.asarray(aspect_ratios, "float32"))[:, None]
    sizes = np.asarray(sizes, "float32")
    half = np.stack([1 / height * sizes, height * sizes], axis=-1) / 2
    half = half.reshape(-1, 2)
    return np.round(np.concatenate([-half, half], axis=-1))


def anchor_grid(map_shape, stride, cell_anchors, *, offset=0.0):
    """The anchors of every cell of a map.

    Args:
        map_shape: `(H, W)` of the map, whole numbers or scalar tensors: in a
            layer, `keras.ops.shape(features)[1:3]`, so that the image may be
            of any size.
        stride: Pixels from one cell to the next, or a pair of them: down and
            to the right. torchvision takes `image_size // map_size`.
        cell_anchors: Array (K, 4), the anchors around a cell's origin.
        offset: Where the origin lies, in strides from the cell's corner: 0
            as in torchvision, or 0.5 for its centre.

    Returns:
        Tensor (H * W * K, 4), xyxy in pixels, float32: row after row, and
        within a cell as in `cell_anchors`.

    Raises:
        ValueError: If a size or stride is not positive, or anchors are not
            (K, 4).

    Example:

    >>> anchors = anchor_grid((1, 2), 16, cell_anchors([8], [1.0]))
    >>> anchors = keras.ops.convert_to_numpy(anchors)
    >>> anchors.tolist()
    [[-4.0, -4.0, 4.0, 4.0], [12.0, -4.0, 20.0, 4.0]]
    """
    strides = stride if isinstance(stride, list | tuple) else (stride, stride)
    _require_pair(map_shape, "map_shape (H, W)")
    _require_pair(strides, "stride (down, right)")
    cells = ops.cast(cell_anchors, "float32")
    if len(cells.shape) != 2 or cells.shape[-1] != 4:
        raise ValueError(
            "Expected cell_anchors of shape (K, 4), received shape "
            f"{tuple(cells.shape)}."
        )
    y, x = (
        (_count(size) + offset) * ops.cast(step, "float32")
        for size, step in zip(map_shape, strides)
    )
    down = ops.multiply(ops.reshape(y, (-1, 1, 1, 1)), [0.0, 1.0, 0.0, 1.0])
    right = ops.multiply(ops.reshape(x, (1, -1, 1, 1)), [1.0, 0.0, 1.0, 0.0])
    return ops.reshape(down + right + cells, (-1, 4))


def default_box_scales(num_maps, *, smallest=0.15, largest=0.9):
    """Evenly spaced scales of SSD's default boxes.

    Args:
        num_maps: Number of maps, at least 2.
        smallest: Scale of the first map, a share of the image.
        largest: Scale of the last map.

    Returns:
        List of `num_maps + 1` floats; the last is 1.

    Raises:
        ValueError: If there are not two maps.

    Example:

    >>> [round(scale, 2) for scale in default_box_scales(4)]
    [0.15, 0.4, 0.65, 0.9, 1.0]

    Reference:
        Liu et al., SSD, 2016.
    """
    if num_maps < 2:
        raise ValueError(
            f"Expected two maps or more, received num_maps={num_maps}. Give "
            "the scales of a single map yourself."
        )
    step = (largest - smallest) / (num_maps - 1)
    return [smallest + step * k for k in range(num_maps)] + [1.0]


def default_cell_boxes(scale, next_scale, aspect_ratios, *, clip=True):
    """SSD's default boxes of one cell, around its centre.

    Two squares, of `scale` and of the geometric mean of `scale` and
    `next_scale`; then for each ratio a wide box and a high one.

    Args:
        scale: Scale of the cell's map, a share of the image.
        next_scale: Scale of the next map.
        aspect_ratios: Longer over shorter sides.
        clip: Whether no box is larger than the image.

    Returns:
        Array (2 + 2 * len(aspect_ratios), 4), float32, xyxy as shares of the
        image's width and height.

    Raises:
        ValueError: If a scale or ratio is not positive.

    Example:

    >>> default_cell_boxes(0.25, 1.0, [4.0]).tolist()[2:]
    [[-0.25, -0.0625, 0.25, 0.0625], [-0.0625, -0.25, 0.0625, 0.25]]

    Reference:
        Liu et al., SSD, 2016.
    """
    _require_positive([scale, next_scale, *aspect_ratios], "scales and ratios")
    square = np.sqrt(scale * next_scale)
    sizes = [(scale, scale), (square, square)]
    for root in np.sqrt(aspect_ratios):
        wide = (scale * root, scale / root)
        sizes += [wide, wide[::-1]]
    half = np.asarray(sizes, "float32") / 2
    if clip:
        half = np.minimum(half, 0.5)
    return np.concatenate([-half, half], axis=-1)


def default_boxes(
    map_shapes, image_shape, *, aspect_ratios, scales, steps=None, clip=True
):
    """SSD's default boxes of all maps.

    Args:
        map_shapes: One `(H, W)` a map, as in `anchor_grid`.
        image_shape: `(H, W)` of the image in pixels, numbers or scalar
            tensors.
        aspect_ratios: One sequence a map, as in `default_cell_boxes`.
        scales: One more than there are maps: see `default_box_scales`.
        steps: `None`, or one a map: pixels from one cell to the next. By
            default the cells of a map share the image evenly.
        clip: Whether no box is larger than the image. Boxes may stick out of
            it all the same.

    Returns:
        Tensor (A, 4), xyxy in pixels, float32.

    Raises:
        ValueError: If the arguments are not of fitting lengths.

    Example:

    >>> boxes = default_boxes(
    ...     [(2, 2), (1, 1)], (64, 64), aspect_ratios=[[2], []],
    ...     scales=default_box_scales(2))
    >>> tuple(boxes.shape)
    (18, 4)

    Reference:
        Liu et al., SSD, 2016. Equal to torchvision's `DefaultBoxGenerator`.
    """
    steps = steps or [None] * len(map_shapes)
    _require_lengths(map_shapes, aspect_ratios, scales, steps)
    _require_pair(image_shape, "image_shape (H, W)")
    height, width = (ops.cast(size, "float32") for size in image_shape)
    image = ops.stack([width, height, width, height])
    grids = []
    for map_shape, step, ratios, scale in zip(
        map_shapes, steps, aspect_ratios, itertools.pairwise(scales)
    ):
        cells = default_cell_boxes(*scale, ratios, clip=clip)
        cells = ops.multiply(cells, image)
        rows, columns = (ops.cast(size, "float32") for size in map_shape)
        stride = step or (height / rows, width / columns)
        grids.append(anchor_grid(map_shape, stride, cells, offset=0.5))
    return ops.concatenate(grids, axis=0)


def _count(size):
    return ops.cast(ops.arange(size, dtype="int32"), "float32")


def _require_positive(values, name):
    if not len(values) or not all(value > 0 for value in values):
        raise ValueError(
            f"Expected {name} as one positive number or more, received "
            f"{tuple(values)}."
        )


def _require_pair(pair, name):
    fits = len(pair) == 2 and None not in pair
    known = [n for n in pair if isinstance(n, numbers.Number)]
    if not fits or any(n <= 0 for n in known):
        raise ValueError(
            f"Expected {name} as two positive numbers or scalar tensors, "
            f"received {tuple(pair)}. A size of None is known only inside a "
            "layer: take it from keras.ops.shape in its call."
        )


def _require_lengths(map_shapes, aspect_ratios, scales, steps):
    maps = len(map_shapes)
    lengths = (len(aspect_ratios), len(steps), len(scales))
    if not maps or lengths != (maps, maps, maps + 1):
        raise ValueError(
            "Expected, for each map, a shape, aspect ratios, a step (or no "
            "steps) and a scale, and one scale more. Received "
            f"{maps} shapes, {lengths[0]} aspect ratios, {lengths[1]} steps, "
            f"{lengths[2]} scales."
        )
