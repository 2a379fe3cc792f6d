"""The truth of a whole epoch at once."""

import keras
import numpy as np


def gather_truth(batches):
    """Joins the truth of all batches.

    Args:
        batches: Sequence of `(inputs, truth, ...)`, such as `Batches`.

    Returns:
        Dict by task, as the truth of a batch, of arrays (N, ...).

    Raises:
        ValueError: If there is no batch.

    Example:

    >>> batches = [(None, {"digit": np.array([1, 2])})] * 2
    >>> gather_truth(batches)["digit"].tolist()
    [1, 2, 1, 2]
    """
    truths = [batches[index][1] for index in range(len(batches))]
    if not truths:
        raise ValueError("Expected at least one batch, received none.")
    return keras.tree.map_structure(lambda *x: np.concatenate(x), *truths)
