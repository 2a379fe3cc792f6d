"""A small trunk for texts."""

import keras
from keras import layers

from mtvision.layers import KnownWords, ZeroPadding
from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import require_weights


def TextNet(
    vocabulary_size,
    *,
    embedding_size=32,
    filters=(64,),
    kernel_size=3,
    dropout=0.0,
    max_length=None,
    weights=None,
    name="text_net",
):
    """Embeddings of words, convolutions over them, and the maximum of each.

    What it gives for a text does not depend on its padding, on either side:
    there, all maps are zero. A text without words gives zeros. Words that the
    vocabulary lacks share one embedding.

    Args:
        vocabulary_size: V, the length of the `mtvision.data.Vocabulary` that
            numbered the words.
        embedding_size: Numbers for each word.
        filters: Channels of each convolution.
        kernel_size: Words that a convolution sees at once.
        dropout: Share of the embeddings' channels that training drops.
        max_length: L, words of a text, or `None` for any number.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        `keras.Model` from numbers of words (B, L) to vectors
        (B, filters[-1]).

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> vocabulary = mtv.data.Vocabulary.of(["a red coat", "a coat"])
    >>> trunk = TextNet(len(vocabulary), filters=(4, 8))
    >>> tuple(trunk(vocabulary.encode(["a red coat", "a blue hat"])).shape)
    (2, 8)

    Reference:
        Kim, Convolutional Neural Networks for Sentence Classification, 2014.
    """
    require_count(embedding_size, 1, "embedding_size")
    require_count(kernel_size, 1, "kernel_size")
    if max_length is not None:
        require_count(max_length, 1, "max_length")
    require_weights(weights)
    if not filters:
        raise ValueError("Expected at least one of filters, received none.")
    words = keras.Input((max_length,), dtype="int32", name="text")
    known = KnownWords(vocabulary_size, name="words")(words)
    x = layers.Embedding(vocabulary_size, embedding_size, name="embedding")(
        known
    )
    x = layers.SpatialDropout1D(dropout, name="dropout")(x)
    x = ZeroPadding(name="embedding_padding")(x, known)
    for number, channels in enumerate(filters):
        require_count(channels, 1, "filters")
        x = layers.Conv1D(
            channels,
            kernel_size,
            padding="same",
            activation="relu",
            name=f"conv{number}",
        )(x)
        x = ZeroPadding(name=f"conv{number}_padding")(x, known)
    # After a ReLU, no word is below the zeros of the padding.
    x = layers.GlobalMaxPooling1D(name="pool")(x)
    trunk = keras.Model(words, x, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk
