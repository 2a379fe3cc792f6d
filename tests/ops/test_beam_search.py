import functools
import itertools

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.beam_search import beam_search

VOCABULARY, STEPS = 4, 3


def model(seed):
    """Logits (V + 1, L + 1, V) of the next word, by the word and the step."""
    random = np.random.default_rng(seed)
    shape = (VOCABULARY + 1, STEPS + 1, VOCABULARY)
    return 2 * random.normal(size=shape).astype("float32")


@functools.cache
def searcher(beams):
    """The compiled search."""

    def run(table, offsets):
        rows = keras.ops.reshape(table, (-1, VOCABULARY))

        def step(words, states):
            place, offset = states
            logits = keras.ops.take(rows, words * (STEPS + 1) + place, axis=0)
            return logits + offset, (place + 1, offset)

        place = keras.ops.zeros((offsets.shape[0],), dtype="int32")
        return beam_search(
            step,
            (place, offsets),
            start=VOCABULARY,
            num_steps=STEPS,
            beams=beams,
        )

    return compiled(run)


def search(table, offsets, beams):
    """Of rows whose logits differ by an offset of each word."""
    tensors = [keras.ops.convert_to_tensor(x) for x in (table, offsets)]
    return to_numpy(searcher(beams)(*tensors))


def log_probabilities(table, offset, word, place):
    logits = table[word, place].astype("float64") + offset
    return logits - np.log(np.exp(logits).sum())


def exhaustive(table, offset):
    """The best of all phrases, each ended or of full length."""
    best = {}
    for words in itertools.product(range(VOCABULARY), repeat=STEPS):
        score, before, phrase = 0.0, VOCABULARY, []
        for place, word in enumerate(words):
            score += log_probabilities(table, offset, before, place)[word]
            before = word
            phrase.append(word)
            if word == 0:
                break
        best[(*phrase, *[0] * (STEPS - len(phrase)))] = score
    return max(best.items(), key=lambda item: item[1])


def literal(table, offset, beams):
    """Beam search in plain Python, one row at a time."""
    kept = [((), 0.0)]
    for place in range(STEPS):
        longer = []
        for phrase, score in kept:
            if phrase and phrase[-1] == 0:
                longer.append(((*phrase, 0), score))
                continue
            before = phrase[-1] if phrase else VOCABULARY
            given_word = log_probabilities(table, offset, before, place)
            longer += [
                ((*phrase, word), score + value)
                for word, value in enumerate(given_word)
            ]
        kept = sorted(longer, key=lambda item: -item[1])[:beams]
    return kept[0]


@cases(20)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 3, 5]))
def test_it_equals_the_literal_loop(seed, beams):
    table = model(seed)
    offsets = model(seed + 1)[0, :2]
    words, scores = search(table, offsets, beams)
    for row, offset in enumerate(offsets):
        phrase, score = literal(table, offset, beams)
        assert tuple(words[row].tolist()) == phrase
        assert scores[row] == pytest.approx(score, abs=1e-4)


@cases(12)
@given(st.integers(0, 2**32))
def test_with_all_sequences_it_is_exact(seed):
    table = model(seed)
    offsets = model(seed + 1)[0, :2]
    words, scores = search(table, offsets, VOCABULARY**STEPS)
    for row, offset in enumerate(offsets):
        phrase, score = exhaustive(table, offset)
        assert tuple(words[row].tolist()) == phrase
        assert scores[row] == pytest.approx(score, abs=1e-4)


def test_a_beam_finds_what_the_greedy_choice_misses():
    table = np.full((VOCABULARY + 1, STEPS + 1, VOCABULARY), -30.0, "float32")
    # First 1 or 2, nearly alike; after 2 the end is certain, after 1 nothing.
    table[VOCABULARY, 0, 1:3] = 1.1, 1.0
    table[1, 1:, :] = 0
    table[2, 1:, 0] = 30
    none = np.zeros((1, VOCABULARY), "float32")
    assert search(table, none, 1)[0][0, 0] == 1
    assert search(table, none, 2)[0].tolist() == [[2, 0, 0]]
