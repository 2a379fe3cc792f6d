"""The columns of regions, named here and nowhere else."""

from keras import ops

from mtvision.ops.box_rows import join_box, split_box

join = join_box


def split_classes(rows, name):
    """Takes the rows of classes apart.

    Args:
        rows: Tensor (B, R, C + 1 + 4).
        name: What asks, for the message.

    Returns:
        `(logits, regions)`: tensors (B, R, C + 1), the last of the logits
        being the background's, and (B, R, 4), float32.

    Raises:
        ValueError: If there is no room for a class.

    Example:

    >>> logits, regions = split_classes(np.zeros((2, 9, 7)), "a loss")
    >>> tuple(logits.shape), tuple(regions.shape)
    ((2, 9, 3), (2, 9, 4))
    """
    require_classes(rows, name)
    return split_box(rows)


def split_boxes(rows, name):
    """Takes the rows of boxes apart.

    Args:
        rows: Tensor (B, R, 4 C + 4), where C is 1 if all classes have the
            same box.
        name: What asks, for the message.

    Returns:
        `(deltas, regions)`: tensors (B, R, C, 4) and (B, R, 4), float32.

    Raises:
        ValueError: If the columns are not some fours.

    Example:

    >>> deltas, regions = split_boxes(np.zeros((2, 9, 16)), "a loss")
    >>> tuple(deltas.shape), tuple(regions.shape)
    ((2, 9, 3, 4), (2, 9, 4))
    """
    require_boxes(rows, name)
    deltas, regions = split_box(rows)
    batch, number = ops.shape(deltas)[:2]
    classes = deltas.shape[-1] // 4
    return ops.reshape(deltas, (batch, number, classes, 4)), regions


def require_classes(rows, name):
    """Raises unless predictions are rows of classes.

    Args:
        rows: Tensor (B, R, C + 1 + 4).
        name: What asks, for the message.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> require_classes(np.zeros((2, 9, 7)), "a loss")
    """
    shape = tuple(rows.shape)
    if len(shape) != 3 or shape[-1] < 6:
        raise ValueError(
            f"{name} expects rows (B, R, C + 1 + 4), as RegionClassesHead "
            f"gives them, received shape {shape}."
        )


def require_boxes(rows, name):
    """Raises unless predictions are rows of boxes.

    Args:
        rows: Tensor (B, R, 4 C + 4).
        name: What asks, for the message.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> require_boxes(np.zeros((2, 9, 8)), "a loss")
    """
    shape = tuple(rows.shape)
    if len(shape) != 3 or shape[-1] < 8 or shape[-1] % 4:
        raise ValueError(
            f"{name} expects rows (B, R, 4 C + 4), or (B, R, 4 + 4) for all "
            "classes, as RegionBoxesHead gives them, received shape "
            f"{shape}."
        )
