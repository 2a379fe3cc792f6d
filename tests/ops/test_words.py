import numpy as np

from batteries.backend import to_numpy
from mtvision.ops.words import known_words, zero_padding


def test_numbers_beyond_a_vocabulary_are_unknown_words():
    words = np.array([[3, 4, 1000, 0], [-1, 1, 2, -9]])
    found = to_numpy(known_words(words, 4))
    assert found.tolist() == [[3, 1, 1, 0], [0, 1, 2, 0]]
    assert found.dtype == "int32"


def test_zeros_where_no_word_is_even_for_nan():
    values = np.array([[[1, 2], [3, 4]], [[5, 6], [np.nan, 7]]], "float32")
    found = to_numpy(zero_padding(values, np.array([[0, 8], [1, 0]])))
    assert found.tolist() == [[[0, 0], [3, 4]], [[5, 6], [0, 0]]]
