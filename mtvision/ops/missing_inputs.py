"""Missing inputs: a whole picture, text or vector that a sample lacks.

An input is missing where it holds NaN, or -1 if it is of integers, all over.
"""

import keras
from keras import ops

from mtvision.ops.labels import any_in_sample
from mtvision.ops.missing import align, fill_missing, is_given


def known_inputs(inputs):
    """Says which samples have an input.

    Args:
        inputs: Tensor (B, ...).

    Returns:
        Bool tensor (B,), False where a sample is NaN all over, or -1 all over
        if the tensor is of integers.

    Example:

    >>> nan = float("nan")
    >>> known = known_inputs(keras.ops.array([[nan, nan], [nan, 1.0]]))
    >>> [bool(x) for x in known]
    [False, True]
    """
    return any_in_sample(is_given(inputs))


def fill_inputs(inputs, known):
    """Puts zeros where a sample lacks an input.

    Args:
        inputs: Tensor (B, ...).
        known: Bool tensor (B,).

    Returns:
        Tensor of the shape and dtype of `inputs`. A NaN in a known sample
        stays.

    Example:

    >>> words = keras.ops.convert_to_tensor([[3, 4], [-1, -1]])
    >>> [int(x) for x in fill_inputs(words, known_inputs(words))[1]]
    [0, 0]
    """
    return fill_missing(inputs, known)


def drop_inputs(known, rate, seed):
    """Forgets that some samples have an input.

    Args:
        known: Bool tensor (B,).
        rate: Probability, for each sample.
        seed: Whole number or `keras.random.SeedGenerator`.

    Returns:
        Bool tensor (B,).

    Example:

    >>> known = keras.ops.convert_to_tensor([True, False])
    >>> [bool(x) for x in drop_inputs(known, 0.0, seed=0)]
    [True, False]
    """
    draws = keras.random.uniform(ops.shape(known), seed=seed)
    return ops.logical_and(known, draws >= rate)


def fill_features(features, known, vector):
    """Puts one vector in the place of the features of what is missing.

    Args:
        features: Tensor (B, ..., D).
        known: Bool tensor (B,).
        vector: Tensor (D,).

    Returns:
        Tensor of the shape of `features`. No gradient reaches the features of
        what is missing, even if they are NaN.

    Example:

    >>> known = keras.ops.convert_to_tensor([True, False])
    >>> filled = fill_features(keras.ops.ones((2, 1)), known, np.array([5.0]))
    >>> [float(x) for x in filled[:, 0]]
    [1.0, 5.0]
    """
    return ops.where(align(known, features), features, vector)
