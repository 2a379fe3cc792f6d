"""Checks of what the operations on regions are given.

They look at shapes and options only, so that they can be raised while a
graph is built.
"""

import math
import numbers

import keras

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.ops.shapes import require_channels_last, require_rank


def check_regions(name, features, boxes):
    """Raises unless features and boxes can be pooled.

    Args:
        name: What asks, for the message.
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4).

    Raises:
        ValueError: If ranks, last axis, batch sizes or types are wrong.
    """
    require_channels_last(name)
    require_rank(features.shape, 4, f"{name}: features (B, H, W, C)")
    require_rank(boxes.shape, 3, f"{name}: boxes (B, R, 4)")
    if boxes.shape[-1] != 4:
        raise ValueError(
            f"{name} expects boxes (B, R, 4) as x1, y1, x2, y2, received "
            f"shape {tuple(boxes.shape)}."
        )
    sizes = features.shape[0], boxes.shape[0]
    if None not in sizes and sizes[0] != sizes[1]:
        raise ValueError(
            f"{name} expects boxes for each image: features have "
            f"{sizes[0]} images, boxes {sizes[1]}."
        )
    if not keras.backend.is_float_dtype(features.dtype):
        raise ValueError(
            f"{name} expects features of floating point, received dtype "
            f"{features.dtype}. Cast them first."
        )


def check_pyramid(name, features, boxes):
    """Raises unless a pyramid and boxes can be pooled.

    Args:
        name: What asks, for the message.
        features: Dict of tensors (B, H, W, C) by level.
        boxes: Tensor (B, R, 4).

    Raises:
        ValueError: If it is no such dict, or as for `check_regions`.
    """
    if not isinstance(features, dict) or not features:
        raise ValueError(
            f"{name} expects a dict of maps by level such as {{'P2': ..., "
            f"'P3': ...}}, received a {type(features).__name__}"
            f"{' without any' if features == {} else ''}."
        )
    for level, features_of_level in features.items():
        level_stride(level)
        check_regions(name, features_of_level, boxes)
    if len({one_map.shape[-1] for one_map in features.values()}) != 1:
        shapes = {k: tuple(one.shape) for k, one in features.items()}
        raise ValueError(
            f"{name} expects levels with the same channels, received "
            f"{shapes}. Put a FeaturePyramid before it."
        )


def check_position_sensitive(name, features, boxes, bins):
    """Raises unless each bin has a group of channels.

    Args:
        name: What asks, for the message.
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4).
        bins: Height and width of the output.

    Raises:
        ValueError: If the channels cannot be divided, or as for
            `check_regions`.
    """
    check_regions(name, features, boxes)
    channels = features.shape[-1]
    if channels is None or channels % (bins[0] * bins[1]):
        raise ValueError(
            f"{name} expects features with C x {bins[0]} x {bins[1]} channels, "
            f"a group for each bin, received {channels}."
        )


def refuse_symbolic(name, layer, *tensors):
    """Raises for symbolic tensors, which only layers take.

    Args:
        name: What asks, for the message.
        layer: Name of the layer that does the same.
        *tensors: Tensors, or lists or dicts of them.

    Raises:
        ValueError: If one is a `keras.KerasTensor`.
    """
    leaves = keras.tree.flatten(tensors)
    if any(isinstance(leaf, keras.KerasTensor) for leaf in leaves):
        raise ValueError(
            f"{name} expects tensors with values, received a symbolic one. "
            f"Use mtvision.layers.{layer} in a functional model."
        )


def standardize_size(name, output_size):
    """The height and width of the output in bins.

    Args:
        name: What asks, for the message.
        output_size: Positive integer, or two of them: height, width.

    Returns:
        Tuple of two integers.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> standardize_size("RoIAlign", 7)
    (7, 7)
    """
    pair = output_size
    if not isinstance(output_size, list | tuple):
        pair = (output_size, output_size)
    try:
        if len(pair) != 2:
            raise ValueError
        for number in pair:
            require_count(number, 1, "output_size")
    except ValueError:
        raise ValueError(
            f"{name} expects output_size as a positive integer or two of them "
            f"(height, width), received {output_size!r}."
        ) from None
    return int(pair[0]), int(pair[1])


def check_sampling_ratio(name, sampling_ratio):
    """Raises unless a sampling ratio is a whole number of 0 or more.

    Args:
        name: What asks, for the message.
        sampling_ratio: Samples along each side of a bin; 0 for adaptive.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        require_count(sampling_ratio, 0, "sampling_ratio")
    except ValueError:
        raise ValueError(
            f"{name} expects sampling_ratio as a whole number: samples along "
            "each side of a bin, or 0 for one a feature pixel. Received "
            f"{sampling_ratio!r}."
        ) from None


def check_positive(name, argument, value):
    """Raises unless an option is a positive, finite number.

    Args:
        name: What asks, for the message.
        argument: Name of the option.
        value: What was given.

    Raises:
        ValueError: If it is anything else.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 < value < math.inf:
        raise ValueError(
            f"{name} expects {argument} as a positive number, received "
            f"{value!r}."
        )
