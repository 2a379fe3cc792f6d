"""Numbers of words that a vocabulary has."""

import keras
from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.ops.words import known_words


@keras.saving.register_keras_serializable(package="mtvision")
class KnownWords(layers.Layer):
    """Takes numbers beyond a vocabulary for the unknown word, 1.

    An embedding of Keras stops at them on one backend, and returns some
    vector on the others.

    Args:
        vocabulary_size: V, the length of the `mtvision.data.Vocabulary`.

    Call:
        words: Integer tensor (B, L), L at least 1. 0, and all below, is
            padding.

    Returns:
        Int32 tensor (B, L), from 0 to V - 1.

    Raises:
        ValueError: If V is not 2 or more: the padding and the unknown word
            are part of it; or there is no number.

    Example:

    >>> known = KnownWords(5)(np.array([[2, 9, 0, -1]]))
    >>> [int(word) for word in known[0]]
    [2, 1, 0, 0]
    """

    def __init__(self, vocabulary_size, **kwargs):
        super().__init__(**kwargs)
        require_count(vocabulary_size, 2, "vocabulary_size")
        self.vocabulary_size = vocabulary_size

    def call(self, words):
        """Returns the numbers."""
        if 0 in words.shape:
            raise ValueError(
                f"{self.name} expects numbers of words (B, L) of at least one "
                f"text, and one number a text, received the shape "
                f"{tuple(words.shape)}. A text without words is a row of "
                "zeros, as `mtvision.data.Vocabulary.encode` gives it."
            )
        return known_words(words, self.vocabulary_size)

    def compute_output_spec(self, words):
        """Returns the symbolic numbers."""
        return keras.KerasTensor(words.shape, "int32")

    def get_config(self):
        """Returns the argument, to revive it from."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
        }
