"""The columns of windows, named here and nowhere else."""

from keras import ops

from mtvision.ops.box_rows import join_fixed_box, split_box

join, split = join_fixed_box, split_box


def require_windows(rows, name):
    """Raises unless predictions are windows.

    Args:
        rows: Tensor (B, A, V + 4).
        name: What asks, for the message.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> require_windows(np.zeros((2, 9, 7)), "a loss")
    """
    shape = tuple(rows.shape)
    if len(shape) != 3 or (shape[-1] is not None and shape[-1] < 6):
        raise ValueError(
            f"{name} expects windows (B, A, V + 4), as WindowHead and "
            f"WindowBoxHead give them, received shape {shape}."
        )


def encode(boxes, windows):
    """Where the sides of boxes lie in windows.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        windows: Tensor (..., 4), xyxy in pixels.

    Returns:
        Tensor (..., 4): x1, y1, x2, y2 in halves of the window, from its
        centre: -1, -1, 1, 1 is the window itself.

    Example:

    >>> window = np.array([0.0, 0.0, 32.0, 32.0])
    >>> [float(v) for v in encode(window, window)]
    [-1.0, -1.0, 1.0, 1.0]
    """
    center, half = _frame(windows)
    boxes = ops.cast(boxes, "float32")
    return (boxes - center) / ops.maximum(half, 1e-6)


def decode(values, windows):
    """Boxes of their sides in windows: the reverse of `encode`.

    Args:
        values: Tensor (..., 4).
        windows: Tensor (..., 4), xyxy in pixels.

    Returns:
        Tensor (..., 4), xyxy in pixels.

    Example:

    >>> window = np.array([0.0, 0.0, 32.0, 32.0])
    >>> [float(v) for v in decode(np.array([-0.5, -0.5, 0.0, 1.0]), window)]
    [8.0, 8.0, 16.0, 32.0]
    """
    center, half = _frame(windows)
    return center + ops.cast(values, "float32") * half


def _frame(windows):
    windows = ops.cast(windows, "float32")
    low, high = windows[..., :2], windows[..., 2:]
    center, half = (low + high) / 2, (high - low) / 2
    return (
        ops.concatenate([center, center], axis=-1),
        ops.concatenate([half, half], axis=-1),
    )
