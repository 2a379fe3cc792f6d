"""Boxes of YOLO v1's grid: shares of cell and image, to pixels and back."""

from keras import ops

from mtvision.ops.grid_cells import grid_cells


def cells_of_image(image_size, grid):
    """The cells of a grid of S x S cells over an image.

    Args:
        image_size: Pair (H, W), in pixels.
        grid: S.

    Returns:
        Tensor (S * S, 4), xyxy in pixels, row by row.

    Example:

    >>> tuple(cells_of_image((448, 448), 7).shape)
    (49, 4)
    """
    height, width = image_size
    return grid_cells((grid, grid), (height / grid, width / grid))


def to_pixels(centres, roots, cells, image_size):
    """Boxes in pixels.

    Args:
        centres: Tensor (B, N, K, 2), shares of the cell's sides.
        roots: Tensor (B, N, K, 2), square roots of width and height as shares
            of the image's. Below 0 they count as 0.
        cells: Tensor (N, 4), xyxy in pixels.
        image_size: Pair (H, W), in pixels.

    Returns:
        Tensor (B, N, K, 4), xyxy in pixels.

    Example:

    >>> cells = cells_of_image((40, 20), 1)
    >>> box = to_pixels(np.full((1, 1, 1, 2), 0.5),
    ...     np.full((1, 1, 1, 2), 0.5), cells, (40, 20))
    >>> [float(x) for x in box[0, 0, 0]]
    [7.5, 15.0, 12.5, 25.0]
    """
    centres, roots = (ops.cast(x, "float32") for x in (centres, roots))
    cells = ops.reshape(cells, (1, -1, 1, 4))
    centre = cells[..., :2] + centres * (cells[..., 2:] - cells[..., :2])
    half = ops.square(ops.maximum(roots, 0.0)) * _sides(image_size) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)


def to_shares(boxes, cells, image_size):
    """The reverse of `to_pixels`, for one box a cell.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels, of no negative size.
        cells: Tensor (N, 4), xyxy in pixels.
        image_size: Pair (H, W), in pixels.

    Returns:
        `(centres, roots)`, each (B, N, 2).

    Example:

    >>> cells = cells_of_image((40, 20), 1)
    >>> centres, roots = to_shares([[[7.5, 15.0, 12.5, 25.0]]], cells, (40, 20))
    >>> [float(x) for x in roots[0, 0]]
    [0.5, 0.5]
    """
    boxes = ops.cast(boxes, "float32")
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    size = boxes[..., 2:] - boxes[..., :2]
    shares = (centre - cells[:, :2]) / (cells[:, 2:] - cells[:, :2])
    return shares, ops.sqrt(size / _sides(image_size))


def _sides(image_size):
    height, width = image_size
    return ops.convert_to_tensor([width, height], dtype="float32")
