"""From tensors to arrays."""

import keras
import numpy as np


def as_array(value):
    """An array from a tensor of any backend.

    Args:
        value: Tensor, array, or what numpy takes.

    Returns:
        Numpy array.

    Example:

    >>> as_array(keras.ops.ones((2, 3))).shape
    (2, 3)
    """
    if keras.ops.is_tensor(value):
        return keras.ops.convert_to_numpy(value)
    return np.asarray(value)
