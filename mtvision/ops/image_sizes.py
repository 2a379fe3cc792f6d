"""Image sizes given as options: one number or a pair."""

from mtvision.ops.option_checks import require_count


def read_image_size(image_size):
    """Height and width from an option.

    Args:
        image_size: Whole number of pixels, for squares, or a pair (H, W).

    Returns:
        Tuple (H, W).

    Raises:
        ValueError: If it is neither, or not above 0.

    Example:

    >>> read_image_size(448), read_image_size([96, 128])
    ((448, 448), (96, 128))
    """
    pair = image_size
    if not isinstance(pair, list | tuple):
        pair = (pair, pair)
    if len(pair) != 2:
        raise ValueError(
            "Expected image_size as a number of pixels or as (H, W), received "
            f"{image_size!r}."
        )
    for side in pair:
        require_count(side, 1, "image_size")
    return tuple(int(side) for side in pair)
