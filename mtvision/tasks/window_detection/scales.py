"""Sizes of an image at several scales, and the windows in them."""

from keras import ops

# Scales are taken in steps of this.
_PARTS = 1024


def require_scales(scales):
    """Raises unless scales are numbers above 0.

    Args:
        scales: Numbers.

    Returns:
        Tuple of floats.

    Raises:
        ValueError: If they are not.

    Example:

    >>> require_scales([1, 0.5])
    (1.0, 0.5)
    """
    scales = tuple(scales)
    if not scales or not all(scale > 0 for scale in scales):
        raise ValueError(
            f"Expected scales as numbers above 0, received {scales!r}."
        )
    return tuple(float(scale) for scale in scales)


def scaled_size(length, scale, window):
    """Pixels of one side of an image at a scale.

    Args:
        length: Pixels of the side: a number or scalar tensor.
        scale: Number; taken in steps of 1 / 1024.
        window: The least, the side of a window.

    Returns:
        A number or scalar tensor.

    Example:

    >>> scaled_size(100, 0.5, 32), scaled_size(100, 0.1, 32)
    (50, 32)
    """
    size = (length * round(scale * _PARTS) + _PARTS // 2) // _PARTS
    if isinstance(size, int):
        return max(size, window)
    return ops.maximum(size, window)


def map_windows(map_size, scaled, image_size, *, window, stride):
    """The windows that the cells of a map stand for.

    Args:
        map_size: Rows and columns of the map.
        scaled: Height and width of the scaled image, in its pixels.
        image_size: Height and width of the image itself.
        window: Side of a window, in pixels of the scaled image.
        stride: From window to window, likewise.

    Returns:
        Tensor (rows * columns, 4), xyxy in pixels of the image.

    Example:

    >>> boxes = map_windows((1, 2), (40, 48), (80, 96), window=40, stride=8)
    >>> [[float(v) for v in box] for box in boxes]
    [[0.0, 0.0, 80.0, 80.0], [16.0, 0.0, 96.0, 80.0]]
    """
    sides = []
    for count, small, full in zip(map_size, scaled, image_size):
        factor = ops.cast(full, "float32") / ops.cast(small, "float32")
        start = ops.arange(count, dtype="float32") * stride
        sides.append((start * factor, (start + window) * factor))
    (y1, y2), (x1, x2) = sides
    low = ops.meshgrid(x1, y1)
    high = ops.meshgrid(x2, y2)
    return ops.reshape(ops.stack([*low, *high], axis=-1), (-1, 4))
