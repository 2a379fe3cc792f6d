"""Checks of truths that are numpy arrays still, so that they can name the
sample. A compiled training step cannot raise.

They raise a ValueError that starts with the sample; whoever calls adds the
task.
"""

import numpy as np

from mtvision.ops.labels import match_rank

_CHUNK = 1024


def check_class_indices(y_true, num_classes, *, ignore_class=None):
    """Raises unless a truth holds class indices.

    Args:
        y_true: Array (B, ...) of any number dtype. NaN and -1 are missing
            labels.
        num_classes: C, or `None` if it is not known.
        ignore_class: A further index that is allowed, such as 255.

    Raises:
        ValueError: If an index is out of range or no whole number.

    Example:

    >>> check_class_indices(np.array([0, 255, -1]), 3, ignore_class=255)
    """
    if y_true.size == 0 or y_true.dtype.kind not in "iuf":
        return
    limit = np.inf if num_classes is None else num_classes
    whole = y_true.dtype.kind in "iu"
    if whole and y_true.min() >= -1 and y_true.max() < limit:
        return  # so in nearly all data, and much faster to find out

    def is_bad(y):
        wrong = (y < -1) | (y >= limit) | (y != np.floor(y))
        return wrong & ~np.isnan(y) & (y != ignore_class)

    sample = first_sample(y_true, is_bad)
    if sample is not None:
        y = y_true[sample : sample + 1]
        wrong = y[is_bad(y)][0]
        allowed = "" if num_classes is None else f" from 0 to {num_classes - 1}"
        raise ValueError(
            f"sample {sample} has the class {wrong:g}, expected whole "
            f"numbers{allowed}. A missing label is -1."
        )


def check_class_maps(
    y_true, y_pred, *, ignore_class=None, head="SegmentationHead"
):
    """Raises unless maps of class indices fit maps of logits.

    Args:
        y_true: Array (B, H, W) or (B, H, W, 1).
        y_pred: Tensor (B, H, W, C); with C = 1 there are two classes.
        ignore_class: A further index that is allowed, such as 255.
        head: What gave the predictions, for the message.

    Raises:
        ValueError: If the sizes differ or a class is out of range.

    Example:

    >>> check_class_maps(np.zeros((1, 2, 2)), np.zeros((1, 2, 2, 5)))
    """
    maps = match_rank(y_true, y_pred)
    check_map_size(maps, y_pred, head=head)
    num_classes = max(y_pred.shape[-1], 2)
    check_class_indices(maps, num_classes, ignore_class=ignore_class)


def check_map_size(maps, y_pred, *, head):
    """Raises unless maps have the height and width of predictions.

    One of size 1 would be repeated without a word.

    Args:
        maps: Array or tensor (B, H, W, ...).
        y_pred: Tensor (B, H, W, ...); axes of unknown size fit any size.
        head: What gave the predictions, for the message.

    Raises:
        ValueError: If the sizes differ.

    Example:

    >>> check_map_size(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), head="Head")
    """
    inner = slice(1, len(y_pred.shape) - 1)
    true, predicted = tuple(maps.shape[inner]), tuple(y_pred.shape[inner])
    pairs = zip(true, predicted)
    if any(a != b for a, b in pairs if None not in (a, b)):
        raise ValueError(
            f"the truth has maps of {true}, the prediction of {predicted} "
            "(height, width). Both must have the size of the image: resize the "
            "truth or the image, and give the head the image if it has none, "
            f"{head}(...)(features, image)."
        )


def check_samples(truth, y_pred):
    """Raises unless a truth has as many samples as predictions.

    One sample would be repeated without a word.

    Args:
        truth: Array or tensor (B, ...).
        y_pred: Tensor (B, ...); an unknown B fits any.

    Raises:
        ValueError: If the numbers differ.

    Example:

    >>> check_samples(np.zeros((2, 4)), np.zeros((2, 4, 3)))
    """
    true, predicted = truth.shape[0], y_pred.shape[0]
    if true != predicted and None not in (true, predicted):
        raise ValueError(
            f"Expected one truth for each prediction, received {true} truths "
            f"and {predicted} predictions."
        )


def check_shares(y_true):
    """Raises unless a truth holds numbers from 0 to 1.

    Args:
        y_true: Array (B, ...). NaN and -1 are missing labels.

    Raises:
        ValueError: If one is out of range.

    Example:

    >>> check_shares(np.array([[0.0, 0.5, 1.0, -1.0]]))
    """

    def is_bad(y):
        return ~(((y >= 0) & (y <= 1)) | (y == -1) | np.isnan(y))

    sample = first_sample(y_true, is_bad)
    if sample is not None:
        y = y_true[sample : sample + 1]
        raise ValueError(
            f"sample {sample} has the label {y[is_bad(y)][0]:g}, expected "
            "numbers from 0 to 1. A missing label is NaN or -1."
        )


def first_sample(array, is_bad):
    """Finds the first sample with a bad element.

    Args:
        array: Array (B, ...).
        is_bad: Function from an array to a bool array of its shape, or of
            its first axes.

    Returns:
        Index of the sample, or `None`.

    Example:

    >>> first_sample(np.array([[1, 2], [3, -4]]), lambda a: a < 0)
    1
    """
    for start in range(0, len(array), _CHUNK):
        bad = is_bad(array[start : start + _CHUNK])
        if bad.any():
            axes = tuple(range(1, bad.ndim))
            return start + int(np.argmax(bad.any(axis=axes)))
    return None
