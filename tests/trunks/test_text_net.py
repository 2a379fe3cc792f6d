import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision.data import Vocabulary
from mtvision.trunks import TextNet

WORDS = 12


def biased(**options):
    """A trunk in which even nothing would have features, but for its masks."""
    keras.utils.set_random_seed(3)
    trunk = TextNet(WORDS, embedding_size=3, **options)
    rng = np.random.default_rng(0)
    trunk.set_weights(
        [rng.normal(0.2, 1, w.shape) for w in trunk.get_weights()]
    )
    return trunk


DEEP = biased(filters=(4, 5), kernel_size=3)
# Of one shape, or each case is compiled anew.
LENGTH = 9


@given(
    words=st.lists(st.integers(1, WORDS - 1), max_size=LENGTH),
    before=st.integers(0, LENGTH),
)
@cases(40)
def test_padding_changes_nothing_on_either_side(words, before):
    text, moved = np.zeros((2, 1, 2 * LENGTH), "int32")
    text[0, : len(words)] = words
    moved[0, before : before + len(words)] = words
    expected = to_numpy(DEEP(text))
    np.testing.assert_allclose(to_numpy(DEEP(moved)), expected, atol=1e-5)
    cut = to_numpy(DEEP(text[:, :LENGTH]))
    np.testing.assert_allclose(cut, expected, atol=1e-5)


def test_as_a_literal_loop():
    trunk = biased(filters=(4,), kernel_size=3)
    embedding, kernel, bias = trunk.get_weights()
    words = [5, 1, 7, 2]
    vectors = [np.zeros(3), *(embedding[w] for w in words), np.zeros(3)]
    expected = np.zeros(4)
    for place in range(len(words)):
        seen = vectors[place : place + 3]
        value = bias + sum(v @ kernel[k] for k, v in enumerate(seen))
        expected = np.maximum(expected, value)
    found = to_numpy(trunk(np.array([[*words, 0, 0]])))
    np.testing.assert_allclose(found, [expected], rtol=1e-4, atol=1e-5)


def test_texts_without_words_and_with_words_that_are_not_known():
    empty = np.zeros((1, 6), "int32")
    assert not to_numpy(DEEP(empty)).any()
    assert not to_numpy(DEEP(empty - 1)).any()
    unknown = np.array([[3, 1, 4, 0]])
    beyond = np.array([[3, WORDS, 4, 0]])
    np.testing.assert_array_equal(
        to_numpy(DEEP(beyond)), to_numpy(DEEP(unknown))
    )


def test_it_reads_what_a_vocabulary_writes():
    vocabulary = Vocabulary.of(["a red coat", "a red hat"])
    trunk = TextNet(len(vocabulary), filters=(6,), max_length=4)
    known, new = vocabulary.encode(["a red coat", "a mauve coat"], 4)
    assert trunk(known[None]).shape == (1, 6)
    assert (to_numpy(trunk(known[None])) != to_numpy(trunk(new[None]))).any()


def test_a_file_brings_the_weights(tmp_path):
    path = tmp_path / "text.weights.h5"
    DEEP.save_weights(path)
    twin = TextNet(WORDS, embedding_size=3, filters=(4, 5), weights=path)
    words = np.array([[2, 3, 4]])
    np.testing.assert_allclose(
        to_numpy(twin(words)), to_numpy(DEEP(words)), atol=1e-6
    )


@pytest.mark.parametrize(
    "options",
    [
        {"filters": ()},
        {"filters": (4, 0)},
        {"kernel_size": 0},
        {"embedding_size": 0},
        {"max_length": 0},
        {"weights": "no.weights.h5"},
    ],
)
def test_wrong_options_are_errors(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        TextNet(WORDS, **options)
