"""The columns of YOLO v1's grid, named here and nowhere else."""

import collections

from keras import ops

Grid = collections.namedtuple(
    "Grid", "centres roots confidences classes num_classes"
)


def split(grid, boxes_per_cell):
    """Takes the predictions of a grid apart.

    Args:
        grid: Tensor (B, S, S, 5 K + C): for each of K boxes the centre x and
            y, as shares of the cell's sides; the square roots of width and
            height as shares of the image's; the confidence; then C classes.
        boxes_per_cell: K.

    Returns:
        `Grid`, a named tuple of `centres` (B, S * S, K, 2), `roots`
        (B, S * S, K, 2), `confidences` (B, S * S, K), `classes`
        (B, S * S, C) and the number C. Rows of cells follow each other.

    Raises:
        ValueError: If it is no such tensor.

    Example:

    >>> grid = split(np.zeros((1, 7, 7, 30)), 2)
    >>> tuple(grid.roots.shape), grid.num_classes
    ((1, 49, 2, 2), 20)
    """
    num_classes = count_classes(grid, boxes_per_cell)
    size = grid.shape[1]
    cells = ops.reshape(grid, (-1, size * size, grid.shape[-1]))
    boxes = ops.reshape(
        cells[..., : 5 * boxes_per_cell], (-1, size * size, boxes_per_cell, 5)
    )
    return Grid(
        centres=boxes[..., :2],
        roots=boxes[..., 2:4],
        confidences=boxes[..., 4],
        classes=cells[..., 5 * boxes_per_cell :],
        num_classes=num_classes,
    )


def num_columns(boxes_per_cell, num_classes):
    """How many columns a cell has: 5 for each box and 1 for each class.

    Args:
        boxes_per_cell: K.
        num_classes: C.

    Returns:
        Integer.

    Example:

    >>> num_columns(2, 20)
    30
    """
    return 5 * boxes_per_cell + num_classes


def count_classes(grid, boxes_per_cell):
    """Number of classes that a grid predicts.

    Args:
        grid: Tensor (B, S, S, 5 K + C), or a symbolic one.
        boxes_per_cell: K.

    Returns:
        C.

    Raises:
        ValueError: If the shape is another or there is no class.

    Example:

    >>> count_classes(np.zeros((1, 7, 7, 30)), 2)
    20
    """
    shape = tuple(grid.shape)
    fits = len(shape) == 4 and None not in shape[1:] and shape[1] == shape[2]
    if not fits or shape[3] <= 5 * boxes_per_cell:
        raise ValueError(
            "Expected predictions of shape (B, S, S, 5 * "
            f"{boxes_per_cell} + C), for {boxes_per_cell} boxes a cell and at "
            f"least one class; received {shape}. Give the loss and the "
            "decoder the boxes_per_cell of the head."
        )
    return shape[3] - 5 * boxes_per_cell
