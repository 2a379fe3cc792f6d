"""Gram matrices of gradients: inner products of each task with each other."""

import keras
from keras import ops


def machine_epsilon(dtype):
    """Gap between 1 and the next number of a floating point type.

    Args:
        dtype: `"float32"` or `"float64"`.

    Returns:
        Python float.

    Example:

    >>> machine_epsilon("float32") == 2.0**-23
    True
    """
    return 2.0**-52 if dtype == "float64" else 2.0**-23


def row_norms(gram):
    """Norms of the gradients, none of them below what the type can tell.

    Args:
        gram: Tensor (T, T).

    Returns:
        Tensor (T,), above 0: at least the largest norm times the machine's
        epsilon, or 1 where all are 0.

    Example:

    >>> [round(float(norm), 3) for norm in row_norms(np.diag([9.0, 16.0]))]
    [3.0, 4.0]
    """
    gram = ops.convert_to_tensor(gram)
    norms = ops.sqrt(ops.relu(ops.diagonal(gram)))
    largest = ops.max(norms)
    epsilon = machine_epsilon(keras.backend.standardize_dtype(gram.dtype))
    least = ops.where(largest > 0, epsilon * largest, 1.0)
    return ops.where(norms > least, norms, least)


def cosines(gram):
    """Inner products of the gradients' directions.

    Whatever is solved with these does not depend on how much the norms of
    the gradients differ.

    Args:
        gram: Tensor (T, T).

    Returns:
        Cosines (T, T), 0 for gradients of 0, and the norms (T,) of
        `row_norms`.

    Example:

    >>> cosine, norms = cosines(np.array([[9.0, -6.0], [-6.0, 16.0]]))
    >>> round(float(cosine[0, 1]), 3)
    -0.5
    """
    gram = ops.convert_to_tensor(gram)
    norms = row_norms(gram)
    return gram / norms[:, None] / norms, norms


def product(vectors, matrix):
    """Products of vectors with a small symmetric matrix, in their own type.

    `ops.matmul` computes in less than float64 on PyTorch, and in less than
    float32 on some accelerators.

    Args:
        vectors: Tensor (..., T).
        matrix: Tensor (T, T), symmetric.

    Returns:
        Tensor (..., T).

    Example:

    >>> [float(v) for v in product(np.array([1.0, 2.0]), np.diag([3.0, 4.0]))]
    [3.0, 8.0]
    """
    return ops.sum(vectors[..., None, :] * matrix, axis=-1)
