"""The best key points that do not look at the image."""

import numpy as np
from keras import ops

from mtvision.tasks.keypoints.columns import read_truth


def constant_keypoints(truth):
    """The mean place of each key point, with the frequency of the object.

    Args:
        truth: Truths of N samples in any form that `KeypointsLoss` reads.

    Returns:
        Float32 array (1 + 2 K,): a prediction, the logit of presence before
        the points.

    Example:

    >>> truth = np.array([[1, 0, 4], [1, 2, 8], [1, np.nan, 0], [0, 9, 9]])
    >>> [round(float(x), 2) for x in constant_keypoints(truth)]
    [1.1, 1.0, 6.0]
    """
    read = map(ops.convert_to_numpy, read_truth(truth))
    points, given, _, present, known = read
    counts = np.maximum(given.sum(axis=0), 1)[:, None]
    means = np.where(given[..., None], points, 0).sum(axis=0) / counts
    rate = present[known].mean() if known.any() else 0.5
    rate = np.clip(rate, 1e-3, 1 - 1e-3)
    logit = [np.log(rate / (1 - rate))]
    return np.concatenate([logit, means.ravel()]).astype("float32")
