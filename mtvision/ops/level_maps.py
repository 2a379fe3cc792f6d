"""Checks of a pyramid, and rows of boxes from its maps."""

from keras import ops

from mtvision.ops.pyramids import level_stride


def choose_levels(features, levels, name):
    """The levels that a head reads, from fine to coarse.

    Args:
        features: Dict from levels to maps or to their shapes.
        levels: Names of levels, or `None` for all.
        name: What asks, for the message.

    Returns:
        List of names.

    Raises:
        ValueError: If there is no pyramid, or it lacks a level.

    Example:

    >>> choose_levels({"P4": 0, "P3": 0, "P5": 0}, None, "head")
    ['P3', 'P4', 'P5']
    """
    if not isinstance(features, dict) or not features:
        raise ValueError(
            f"{name} expects a dict of maps such as {{'P3': ..., 'P4': ...}}, "
            f"received {features!r}."
        )
    missing = [k for k in levels or () if k not in features]
    if missing:
        raise ValueError(
            f"{name} expects the levels {tuple(levels)}, but the features are "
            f"{sorted(features)}, without {missing}. Change `levels`."
        )
    return sorted(levels or features, key=level_stride)


def map_shapes(features, levels):
    """Sizes of maps: numbers where they are known, else scalar tensors.

    Args:
        features: Dict from levels to maps (B, H, W, C).
        levels: The levels to look at.

    Returns:
        Dict from levels to `(H, W)`.

    Example:

    >>> map_shapes({"P3": keras.ops.ones((1, 2, 3, 4))}, ["P3"])
    {'P3': (2, 3)}
    """
    return {k: tuple(ops.shape(features[k])[1:3]) for k in levels}


def as_rows(x, columns):
    """From a map of several rows a cell to a list of rows.

    Args:
        x: Tensor (B, H, W, K * columns).
        columns: Numbers in a row.

    Returns:
        Tensor (B, H * W * K, columns).

    Example:

    >>> tuple(as_rows(keras.ops.ones((2, 3, 4, 10)), 5).shape)
    (2, 24, 5)
    """
    _, height, width, channels = x.shape
    if None in (height, width):
        return ops.reshape(x, (ops.shape(x)[0], -1, columns))
    # With a known number of rows, what follows has static shapes.
    rows = height * width * channels // columns
    return ops.reshape(x, (-1, rows, columns))
