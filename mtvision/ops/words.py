"""Texts as numbers of words: 0 is padding, 1 a word that is not known."""

from keras import ops

from mtvision.ops.missing import align


def known_words(words, vocabulary_size):
    """Brings numbers of words into the range of a vocabulary.

    Args:
        words: Integer tensor (...).
        vocabulary_size: V, with the padding and the unknown word.

    Returns:
        Int32 tensor of the same shape: 0 where the number is negative, 1, the
        unknown word, where it is V or more.

    Example:

    >>> [int(x) for x in known_words([2, 9, 0, -1], 5)]
    [2, 1, 0, 0]
    """
    words = ops.maximum(ops.cast(words, "int32"), 0)
    return ops.where(words < vocabulary_size, words, 1)


def zero_padding(values, words):
    """Puts zeros where there is no word.

    Args:
        values: Tensor (B, L, ...).
        words: Integer tensor (B, L), 0 or less where there is no word.

    Returns:
        Tensor of the shape of `values`.

    Example:

    >>> masked = zero_padding(keras.ops.ones((1, 3)), np.array([[4, 1, 0]]))
    >>> [float(x) for x in masked[0]]
    [1.0, 1.0, 0.0]
    """
    words = ops.convert_to_tensor(words)
    return ops.where(align(words > 0, values), values, ops.zeros_like(values))
