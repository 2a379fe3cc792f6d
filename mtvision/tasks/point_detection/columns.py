"""How many values a map of points holds."""


def num_values(maps, points, name):
    """How many values a map holds for each kind of point.

    Args:
        maps: Tensor (B, h, w, points * V + 4).
        points: Kinds of points, P.
        name: What asks, for the message.

    Returns:
        V.

    Raises:
        ValueError: If the shape is no such shape.

    Example:

    >>> num_values(np.zeros((2, 8, 8, 84)), 4, "a loss")
    20
    """
    shape = tuple(maps.shape)
    if len(shape) != 4 or shape[-1] < 5 or (shape[-1] - 4) % points:
        raise ValueError(
            f"{name} expects maps (B, h, w, {points} V + 4), as HeatMapHead "
            f"and PointValuesHead give them, received shape {shape}."
        )
    return (shape[-1] - 4) // points
