"""The columns of phrases of regions, named here and nowhere else."""

from keras import ops

from mtvision.ops.box_rows import join_box, split_box


def join(logits, regions):
    """Puts its region behind the words of each row.

    Args:
        logits: Tensor (B, R, L, V), of V words at L places.
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, L * V + 4), float32, as `join_box` gives it.

    Example:

    >>> tuple(join(np.ones((1, 3, 8, 26)), np.ones((1, 3, 4))).shape)
    (1, 3, 212)
    """
    number, length, size = logits.shape[1:]
    # The batch, or the number of regions, may be unknown.
    shape = (-1, number, length * size)
    if number is None:
        shape = (*ops.shape(regions)[:2], length * size)
    return join_box(ops.reshape(logits, shape), regions)


def split(rows, length, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, L * V + 4).
        length: L.
        name: What asks, for the message.

    Returns:
        `(logits, regions)`: tensors (B, R, L, V) and (B, R, 4), float32.

    Raises:
        ValueError: If the columns are not those of so many places.

    Example:

    >>> logits, regions = split(np.zeros((1, 3, 212)), 8, "a loss")
    >>> tuple(logits.shape), tuple(regions.shape)
    ((1, 3, 8, 26), (1, 3, 4))
    """
    size = count_words(rows, length, name)
    values, regions = split_box(rows)
    shape = (*ops.shape(values)[:2], length, size)
    return ops.reshape(values, shape), regions


def count_words(rows, length, name):
    """How many words a row knows.

    Args:
        rows: Tensor (B, R, L * V + 4), of any backend or symbolic.
        length: L.
        name: What asks, for the message.

    Returns:
        V, an integer.

    Raises:
        ValueError: If the columns are not those of so many places.

    Example:

    >>> count_words(np.zeros((1, 3, 212)), 8, "a loss")
    26
    """
    shape = tuple(rows.shape)
    columns = shape[-1] - 4 if len(shape) == 3 else 0
    if not length or columns < 1 or columns % length:
        raise ValueError(
            f"{name} expects rows (B, R, {length} * V + 4), as "
            "RegionCaptionsHead gives them, for phrases (B, M, L) of "
            f"{length} words; received shape {shape}. Give the head the "
            "max_length of the phrases."
        )
    return columns // length
