"""Windows that slide over maps."""

import itertools

from keras import ops

from mtvision.ops.option_checks import require_count


def as_sizes(value, minimum, argument, *, rank=2):
    """One whole number for each axis of a map.

    Args:
        value: A number for all axes, or one for each.
        minimum: The smallest number allowed.
        argument: Name of the argument, for the message.
        rank: Number of axes.

    Returns:
        Tuple of integers.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> as_sizes(3, 1, "pool_size")
    (3, 3)
    """
    if not isinstance(value, list | tuple):
        value = (value,) * rank
    if len(value) != rank:
        raise ValueError(
            f"Expected {argument} as a whole number or {rank} of them, "
            f"received {value!r}."
        )
    for number in value:
        require_count(number, minimum, argument)
    return tuple(int(number) for number in value)


def as_map_size(size, argument):
    """Height and width of a map that is to be made.

    Args:
        size: Two positive numbers, or scalars of a running graph.
        argument: Name of the argument, for the message.

    Returns:
        Tuple of two.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> as_map_size([480, 640], "size")
    (480, 640)
    """
    if ops.is_tensor(size) and tuple(size.shape) == (2,):
        return size[0], size[1]
    try:
        lengths = tuple(size)
    except TypeError:  # a number
        lengths = ()
    if len(lengths) != 2:
        raise ValueError(
            f"Expected {argument} as (height, width), received {size!r}."
        )
    if any(ops.is_tensor(length) for length in lengths):
        return lengths
    return as_sizes(lengths, 1, argument)


def window_count(length, window, stride, padding, *, ceil_mode=False):
    """Number of windows along an axis, as PyTorch counts them.

    Args:
        length: Pixels of the axis: a number, a scalar tensor or None.
        window: Pixels of a window.
        stride: Pixels between the starts of two windows.
        padding: Pixels of the border at either end.
        ceil_mode: Whether a last window that reaches beyond the border
            counts, if it starts before the border at the far end.

    Returns:
        A number of the kind of `length`.

    Raises:
        ValueError: If no window fits.

    Example:

    >>> window_count(9, 2, 2, 0), window_count(9, 2, 2, 0, ceil_mode=True)
    (4, 5)
    """
    if length is None:
        return None
    room = length + 2 * padding - window
    if isinstance(room, int) and room < 0:
        raise ValueError(
            "Expected maps as large as a window, received an axis of "
            f"{length} pixels for windows of {window} with padding={padding}."
        )
    if not ceil_mode:
        return room // stride + 1
    minimum = min if isinstance(room, int) else ops.minimum
    starts_inside = (length + padding - 1) // stride
    return minimum((room + stride - 1) // stride, starts_inside) + 1


def window_pixels(x, window, strides, counts):
    """The pixels of all windows that are at the same place in theirs.

    Args:
        x: Maps (B, H, W, C).
        window: Height and width of a window.
        strides: Steps from window to window, down and right.
        counts: Number of windows down and right, h and w.

    Returns:
        List of tensors (B, h, w, C), one for each place, row by row.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(9), (1, 3, 3, 1))
    >>> pixels = window_pixels(x, (2, 2), (1, 1), (2, 2))
    >>> [int(p[0, 0, 0, 0]) for p in pixels]
    [0, 1, 3, 4]
    """
    slices = [
        [
            slice(place, place + (count - 1) * stride + 1, stride)
            for place in range(length)
        ]
        for length, stride, count in zip(window, strides, counts)
    ]
    return [x[:, y, x_] for y, x_ in itertools.product(*slices)]
