import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.data import Batches, Vocabulary

WORDS = Vocabulary(["a", "red", "seven", "dog's"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS.words[2:]), max_size=5)))
def test_what_is_encoded_is_decoded(rows):
    texts = [" ".join(row) for row in rows]
    numbers = WORDS.encode(texts, 6)
    assert numbers.shape == (len(texts), 6)
    assert numbers.dtype == np.int32
    assert WORDS.decode(numbers) == texts


def test_numbers_of_words():
    numbers = WORDS.encode(["A dog's, RED.", ""])
    assert numbers.tolist() == [[2, 5, 3], [0, 0, 0]]
    assert WORDS.encode(["a blue seven"]).tolist() == [[2, 1, 4]]
    assert WORDS.encode([], 3).shape == (0, 3)
    # No model takes texts of length 0.
    assert WORDS.encode(["", "!"]).tolist() == [[0], [0]]
    assert WORDS.decode(np.array([2, 3, 0, 4])) == "a red"
    assert WORDS.decode(np.full((1, 2, 3), -1)) == [["", ""]]
    assert len(WORDS) == 6


def test_the_most_frequent_words_come_first():
    texts = ["b c", "c a", "b c"]
    assert Vocabulary.of(texts).words[2:] == ["c", "b", "a"]
    assert Vocabulary.of(texts, min_count=2).words[2:] == ["c", "b"]


def test_longer_texts():
    with pytest.raises(ValueError, match="has 3 words, max_length is 2"):
        WORDS.encode(["a red seven"], 2)
    assert WORDS.encode(["a red seven"], 2, cut=True).tolist() == [[2, 3]]


def test_no_text_and_no_word_have_a_length():
    assert WORDS.encode([]).shape == (0, 1)
    assert WORDS.encode(["", "..."]).tolist() == [[0], [0]]
    for length in (0, -1, 2.0):
        with pytest.raises(ValueError, match="max_length as a whole number"):
            WORDS.encode([""], length, cut=True)


def test_it_is_revived_from_its_config():
    config = keras.saving.serialize_keras_object(WORDS)
    revived = keras.saving.deserialize_keras_object(config)
    assert revived.words == WORDS.words
    assert Vocabulary(WORDS.words).words == WORDS.words


@pytest.mark.parametrize("words", [["a", "a"], ["A"], ["a b"], [""], ["-"]])
def test_what_are_no_words(words):
    with pytest.raises(ValueError, match="once|lower case"):
        Vocabulary(words)


def test_what_is_no_list_of_texts_or_numbers():
    for wrong in (Vocabulary.of, WORDS.encode):
        for texts in ("a red seven", None, 7):
            with pytest.raises(ValueError, match="list of texts"):
                wrong(texts)
    with pytest.raises(ValueError, match="below 6, received 7"):
        WORDS.decode([7])
    with pytest.raises(ValueError, match="integers"):
        WORDS.decode([0.5])


def test_phrases_in_batches():
    image = np.zeros((8, 8, 3), "uint8")
    box = np.float32([[0, 0, 4, 4], [2, 2, 7, 7]])
    samples = [
        {
            "image": image,
            "boxes": box[:number],
            "classes": np.arange(number),
            "phrases": WORDS.encode(["a red seven", "seven"][:number], 4),
        }
        for number in (2, 1, 0)
    ]
    # A class that is padding takes its phrase along.
    samples[0]["classes"] = np.array([-1, 0])
    names = ("boxes", "classes", "phrases")
    batches = Batches(
        samples,
        {"captions": {name: name for name in names}},
        inputs={"image": "image", "phrases": "phrases"},
        num_classes={"captions": 2},
        max_objects=2,
        batch_size=3,
    )
    x, y, _ = batches[0]
    expected = [[[4, 0, 0, 0], [0] * 4], [[2, 3, 4, 0], [0] * 4], [[0] * 4] * 2]
    assert y["captions"]["phrases"].tolist() == expected
    assert x["phrases"].tolist() == expected
    assert x["phrases"].dtype == np.int32
