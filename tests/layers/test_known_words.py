import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import KnownWords


def test_layer():
    words = np.array([[2, 7, 8], [0, -1, 1]], "int32")
    found = check_layer(KnownWords, {"vocabulary_size": 8}, words)
    assert found.tolist() == [[2, 7, 1], [0, 0, 1]]


def test_a_vocabulary_has_padding_and_the_unknown_word():
    with pytest.raises(ValueError, match="vocabulary_size"):
        KnownWords(1)


@pytest.mark.parametrize("shape", [(2, 0), (0, 3), (0, 0)])
def test_no_numbers_are_an_error(shape):
    with pytest.raises(ValueError, match="A text without words is a row of"):
        KnownWords(8)(np.zeros(shape, "int32"))
