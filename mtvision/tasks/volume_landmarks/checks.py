"""Checks of the truth and of the maps of landmarks."""

import numpy as np

from mtvision.ops.truth_checks import first_sample
from mtvision.tasks.volume_landmarks.columns import CELL


def count_landmarks(maps, values, name):
    """How many landmarks maps are of.

    Args:
        maps: Tensor (B, d, h, w, K * values + 6).
        values: Values of a landmark in each cell.
        name: What asks, for the message.

    Returns:
        K.

    Raises:
        ValueError: If no whole number of landmarks fits.

    Example:

    >>> count_landmarks(np.zeros((1, 2, 2, 2, 12)), 3, "loss")
    2
    """
    shape = tuple(maps.shape)
    number, rest = divmod((shape[-1] or 0) - CELL, values)
    if len(shape) != 5 or number < 1 or rest:
        raise ValueError(
            f"{name} expects maps (B, d, h, w, {values} K + {CELL}) of a head "
            f"of volume landmarks, received shape {shape}."
        )
    return number


def check_landmarks(y_true, number):
    """Raises unless a numpy truth holds such landmarks.

    Args:
        y_true: Array (B, K, 4), see `columns.read_truth`.
        number: K.

    Raises:
        ValueError: Naming the sample.

    Example:

    >>> check_landmarks(np.zeros((1, 2, 4)), 2)
    """
    shape = np.shape(y_true)
    if len(shape) != 3 or shape[1:] != (number, 4):
        raise ValueError(
            f"expected landmarks of shape (B, {number}, 4): z, y, x in voxels "
            "and 1 where the landmark is there, 0 where it is not; received "
            f"{shape}."
        )
    flags = (-1, 0, 1)
    sample = first_sample(
        y_true[..., 3], lambda f: ~(np.isin(f, flags) | np.isnan(f))
    )
    if sample is not None:
        raise ValueError(
            f"sample {sample} has landmarks flagged {y_true[sample, :, 3]}, "
            "expected 1 (there), 0 (absent), or -1 or NaN (not known)."
        )
    sample = first_sample(y_true, np.isinf)
    if sample is not None:
        raise ValueError(
            f"sample {sample} has a landmark at infinity. A landmark that is "
            "absent has a last number of 0."
        )


def check_within_volume(y_true, volume_size):
    """Raises if a landmark that is there lies outside of the volume.

    Args:
        y_true: As for `check_landmarks`, which has passed.
        volume_size: (D, H, W), or `None` if it is not known.

    Raises:
        ValueError: Naming the sample and the landmark.

    Example:

    >>> check_within_volume(np.ones((1, 2, 4)), (8, 8, 8))
    """
    y_true = np.asarray(y_true, "float64")
    points, there = y_true[..., :3], y_true[..., 3] > 0
    limit = np.inf if volume_size is None else np.asarray(volume_size)
    # Rounding may move it by a voxel.
    outside = ((points < -1) | (points > limit + 1)).any(axis=-1) & there
    if outside.any():
        sample, landmark = np.argwhere(outside)[0]
        size = "" if volume_size is None else f" of {tuple(volume_size)} voxels"
        raise ValueError(
            f"sample {sample} has landmark {landmark} at "
            f"{points[sample, landmark].tolist()}, outside of the volume{size}."
            " Expected z, y, x in voxels: divide millimetres by the spacing. "
            "One that is absent has a last number of 0."
        )
