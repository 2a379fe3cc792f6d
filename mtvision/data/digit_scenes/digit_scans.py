"""scikit-learn's scans of handwritten digits, split once and for all."""

import functools

import numpy as np

SPLITS = ("train", "validation", "test")


@functools.cache
def load_digit_scans(split):
    """Loads the scans of one split; no scan is in two.

    Of every 20 scans of a digit, in the order of the file, 14 are for
    training, 3 for validation and 3 for testing.

    Args:
        split: `"train"`, `"validation"` or `"test"`.

    Returns:
        Arrays (N, 8, 8) of ink, 0 to 16, and (N,) int32 of classes.

    Raises:
        ValueError: If there is no such split.

    Example:

    >>> scans, labels = load_digit_scans("test")
    >>> scans.shape[1:], sorted(set(labels.tolist()))
    ((8, 8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

    Reference: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits,
    UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits

    if split not in SPLITS:
        raise ValueError(f"Expected a split of {SPLITS}, received {split!r}.")
    digits = load_digits()
    chosen = _split_of(digits.target) == SPLITS.index(split)
    return digits.images[chosen], digits.target[chosen].astype("int32")


def _split_of(labels):
    """Number of the split that each scan is in, (N,)."""
    rank = np.zeros(len(labels), "int64")
    for label in np.unique(labels):
        members = labels == label
        rank[members] = np.arange(members.sum())
    return np.searchsorted([14, 17], rank % 20, side="right")
