"""The columns of proposals, named here and nowhere else."""

from mtvision.ops.box_rows import join_fixed_box, split_box

# What an anchor has before its own four sides: one logit, or four deltas.
OBJECTNESS, BOXES = 1, 4

join = join_fixed_box


def split(rows, values, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, A, V + 4).
        values: V: `OBJECTNESS` or `BOXES`.
        name: What asks, for the message.

    Returns:
        `(values, anchors)`: tensors (B, A, V) and (B, A, 4), float32. No
        gradient flows to the anchors.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> values, anchors = split(np.zeros((2, 9, 8)), BOXES, "a loss")
    >>> tuple(values.shape), tuple(anchors.shape)
    ((2, 9, 4), (2, 9, 4))
    """
    require_rows(rows, values, name)
    return split_box(rows)


def require_rows(rows, values, name):
    """Raises unless predictions are rows of V values and an anchor.

    Args:
        rows: Tensor (B, A, V + 4).
        values: V: `OBJECTNESS` or `BOXES`.
        name: What asks, for the message.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> require_rows(np.zeros((2, 9, 5)), OBJECTNESS, "a loss")
    """
    shape = tuple(rows.shape)
    if len(shape) != 3 or shape[-1] != values + 4:
        kind = "Objectness" if values == OBJECTNESS else "Boxes"
        raise ValueError(
            f"{name} expects rows (B, A, {values} + 4), as Proposal{kind}Head "
            f"gives them, received shape {shape}."
        )
