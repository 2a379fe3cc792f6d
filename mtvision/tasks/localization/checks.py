"""Checks of truth vectors that are numpy arrays still."""

import numpy as np

from mtvision.ops.truth_checks import (
    check_class_indices,
    check_shares,
    first_sample,
)
from mtvision.tasks.localization.columns import check_columns, split


def check_vectors(y_true, y_pred):
    """Raises unless truth vectors say what `LocalizationLoss` understands.

    Args:
        y_true: Array (B, 5 + C) or (B, 6), or (B, K, ...).
        y_pred: Predicted vectors of which the shape is looked at.

    Raises:
        ValueError: If p is not 0 or 1, or the class of an object is out of
            range; naming the sample.

    Example:

    >>> check_vectors(np.array([[1.0, 0, 0, 5, 5]]), np.zeros((1, 5)))
    """
    check_columns(y_true, y_pred)
    objectness, _, classes = split(y_true.astype("float64"))
    _check_objectness(objectness)
    # Where there is no object, nothing else is read.
    classes = np.where((objectness == 1)[..., None], classes, np.nan)
    num_classes = y_pred.shape[-1] - 5
    if classes.shape[-1] == num_classes:
        check_shares(classes)
    else:
        check_class_indices(classes, num_classes)


def _check_objectness(objectness):
    def is_bad(p):
        return ~(np.isin(p, (0, 1, -1)) | np.isnan(p))

    sample = first_sample(objectness, is_bad)
    if sample is not None:
        row = objectness[sample : sample + 1]
        raise ValueError(
            f"sample {sample} has p = {row[is_bad(row)][0]:g}. Expected "
            "[p, x1, y1, x2, y2, classes] with p of 1 where the object is "
            "there, 0 where it is not, NaN where that is not known."
        )
