"""Feature pyramids: dicts `{"P2": ..., "P5": ...}` of maps."""


def take_level(features, level):
    """Picks one map out of a pyramid.

    Args:
        features: Dict of maps (or of their shapes), or a single one, which
            is returned as it is.
        level: Name of the map, such as `"P5"`.

    Returns:
        The map.

    Raises:
        ValueError: If the pyramid lacks the level.

    Example:

    >>> take_level({"P4": "fine", "P5": "coarse"}, "P5")
    'coarse'
    """
    if not isinstance(features, dict):
        return features
    if level not in features:
        raise ValueError(
            f"Level {level!r} is not among the features, which are "
            f"{sorted(features)}. Set `level` to one of them."
        )
    return features[level]


def level_stride(level):
    """Pixels of the image that one cell of a level spans.

    Args:
        level: `"P2"`, `"P3"`...

    Returns:
        Integer, 2 to the power of the level's number.

    Raises:
        ValueError: If the name is not a P and a number.

    Example:

    >>> level_stride("P5")
    32
    """
    level = str(level)
    if not (level[:1] == "P" and level[1:].isdigit()):
        raise ValueError(
            "Expected the name of a level such as 'P2' or 'P5', received "
            f"{level!r}."
        )
    return 2 ** int(level[1:])


def require_room(shapes, levels=None):
    """Raises if a whole image is smaller than a cell of the coarsest map.

    Args:
        shapes: Dict from levels to shapes (B, H, W, C); axes that are not
            known go unchecked.
        levels: The levels in use, or `None` for all.

    Raises:
        ValueError: Naming the level and the size.

    Example:

    >>> require_room({"P3": (None, 8, 8, 4), "P6": (None, 1, 1, 4)})
    """
    finest = min(shapes, key=level_stride)
    coarsest = max(levels or shapes, key=level_stride)
    stride = level_stride(coarsest)
    for size in shapes[finest][1:3]:
        if isinstance(size, int) and size * level_stride(finest) < stride:
            raise ValueError(
                f"The coarsest level, {coarsest}, has a stride of {stride} "
                "pixels, but the image has only some "
                f"{size * level_stride(finest)}. Give images of {stride} "
                "pixels or more, or use fewer levels."
            )
