"""Beam search: the most probable sequences that a step at a time gives."""

import keras
from keras import ops

# The number that ends a sequence, and fills what is behind its end.
END = 0


def beam_search(step, states, *, start, num_steps, beams=1):
    """Looks for the most probable sequence of words.

    At each step the best `beams` sequences are kept, of all those that
    another word may continue. A sequence that has ended stays as it is. With
    one beam this is the greedy choice; with as many as there are sequences it
    is exact.

    Args:
        step: Function of words (N,), int32, and states, which gives logits
            (N, V) of the next word, and the states then.
        states: Nested structure of tensors (N, ...), before the first step.
        start: What stands for the word before the first one.
        num_steps: L.
        beams: K.

    Returns:
        `(words, scores)`: (N, L), int32, with 0 from the end on, and (N,),
        float32: the logarithm of the probability of those words and of their
        end, if it comes within L.

    Example:

    >>> table = np.log([[[0.1, 0.6, 0.3]], [[0.5, 0.3, 0.2]]])
    >>> def step(words, place):
    ...     return keras.ops.take(table[:, 0], place, axis=0), place + 1
    >>> words, scores = beam_search(
    ...     step, np.array([0]), start=0, num_steps=2, beams=3)
    >>> [int(w) for w in words[0]], round(float(np.exp(scores[0])), 2)
    ([1, 0], 0.3)

    Reference:
        Graves, Sequence Transduction with Recurrent Neural Networks, 2012.
    """
    first = keras.tree.flatten(states)[0]
    number = ops.shape(first)[0]
    states = keras.tree.map_structure(lambda x: _repeat(x, beams), states)
    words = ops.full((number * beams,), start, dtype="int32")
    found = ops.zeros((number, beams, 0), dtype="int32")
    ended = ops.zeros((number, beams), dtype="int32")
    # All are the same at first: only one of them counts.
    scores = ops.where(ops.arange(beams) == 0, 0.0, float("-inf"))
    scores = ops.zeros((number, beams)) + scores
    for place in range(num_steps):
        logits, states = step(words, states)
        logits = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
        size = logits.shape[-1]
        logits = ops.reshape(logits, (-1, beams, size))
        logits = ops.where(
            ops.expand_dims(ended, -1) > 0, _only_end(size), logits
        )
        total = ops.reshape(
            ops.expand_dims(scores, -1) + logits, (-1, beams * size)
        )
        scores, chosen = ops.top_k(total, beams)
        chosen = ops.cast(chosen, "int32")
        parents, chosen = chosen // size, chosen % size
        if beams > 1:
            states = _follow(states, parents)
            ended = ops.take_along_axis(ended, parents, axis=1)
        # Nothing of no length is joined: ONNX reads a size of 0 otherwise.
        last = ops.expand_dims(chosen, -1)
        if place and beams > 1:
            found = ops.take_along_axis(
                found, ops.expand_dims(parents, -1), axis=1
            )
        found = ops.concatenate([found, last], axis=-1) if place else last
        ended = ops.maximum(ended, ops.cast(chosen == END, "int32"))
        words = ops.reshape(chosen, (-1,))
    return found[:, 0], scores[:, 0]


def _only_end(size):
    """Logarithms of probabilities (V,) behind the end."""
    return ops.where(ops.arange(size) == END, 0.0, float("-inf"))


def _repeat(x, beams):
    return x if beams == 1 else ops.repeat(x, beams, axis=0)


def _follow(states, parents):
    """The states of the sequences that each beam continues."""
    number, beams = ops.shape(parents)[0], parents.shape[1]
    places = ops.arange(number, dtype="int32") * beams
    places = ops.reshape(ops.expand_dims(places, 1) + parents, (-1,))
    return keras.tree.map_structure(
        lambda x: ops.take(x, places, axis=0), states
    )
