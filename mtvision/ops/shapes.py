"""Checks of static shapes, raised while a graph is built."""

import keras


def require_channels_last(name):
    """Raises unless Keras is set to channels-last images.

    Args:
        name: What asks, for the message.

    Raises:
        ValueError: If `keras.config.image_data_format()` is anything else.

    Example:

    >>> require_channels_last("RoIAlign")
    """
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            f"{name} expects channels-last images (B, H, W, C), but Keras is "
            "set to 'channels_first'. Call "
            "keras.config.set_image_data_format('channels_last') first."
        )


def require_rank(shape, rank, name):
    """Raises unless a shape has the given number of axes.

    Args:
        shape: Tuple, the static shape.
        rank: Number of axes that is expected.
        name: What is checked, for the message, with its axes: for example
            `"boxes (B, M, 4)"`.

    Raises:
        ValueError: If the rank differs.

    Example:

    >>> require_rank((8, 5, 4), 3, "boxes (B, M, 4)")
    """
    if len(shape) != rank:
        raise ValueError(
            f"Expected {name} of rank {rank}, received shape {tuple(shape)}."
        )


def require_same_shape(truth, predictions, name):
    """Raises where broadcasting would pair the wrong values.

    Args:
        truth: Tensor.
        predictions: Tensor that must have the same shape; axes of unknown
            size fit any size.
        name: What asks, for the message.

    Raises:
        ValueError: If the static shapes differ.

    Example:

    >>> import numpy as np
    >>> require_same_shape(np.zeros((8, 4)), np.ones((8, 4)), "BoxIoU")
    """
    a, b = tuple(truth.shape), tuple(predictions.shape)
    fits = [m == n or None in (m, n) for m, n in zip(a, b)]
    if len(a) != len(b) or not all(fits):
        raise ValueError(
            f"{name} expects truth and predictions of the same shape, "
            f"received truth {a} and predictions {b}."
        )
