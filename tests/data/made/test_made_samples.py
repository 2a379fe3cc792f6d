"""What all sources of made samples must do."""

import numpy as np
import pytest

from mtvision.data import (
    Novels,
    Posts,
    SecondHandClothing,
    StickFigures,
    SyntheticVolumes,
)

SOURCES = (SecondHandClothing, Novels, Posts)


@pytest.mark.parametrize("kind", SOURCES)
def test_samples_are_pure_functions_of_seed_split_and_index(kind):
    source = kind("train", num_samples=5)
    assert len(source) == 5
    again = kind("train", num_samples=9)
    others = [kind("test", num_samples=5), kind("train", num_samples=5, seed=1)]
    for index in (4, 0):
        for name, value in source[index].items():
            np.testing.assert_array_equal(again[index][name], value)
        for other in others:
            assert (other[index]["text"] != source[index]["text"]).any()
    assert (source[0]["text"] != source[1]["text"]).any()


@pytest.mark.parametrize("kind", SOURCES)
def test_words_are_those_of_the_vocabulary(kind):
    source = kind("train", num_samples=60)
    words = np.stack([source[i]["text"] for i in range(60)])
    assert words.dtype == "int32"
    assert words.max() < len(source.vocabulary)
    # No unknown word in the training; padding is at the end alone.
    assert not (words == 1).any()
    assert ((np.diff((words == 0).astype(int), axis=1)) >= 0).all()


@pytest.mark.parametrize("kind", [SecondHandClothing, Novels])
def test_new_texts_have_words_that_no_training_has(kind):
    source = kind("test", num_samples=20)
    assert any((source[i]["text"] == 1).any() for i in range(20))


@pytest.mark.parametrize("kind", SOURCES)
def test_wrong_options_are_errors(kind):
    for options in ({"num_samples": 0}, {"seed": -1}):
        with pytest.raises(ValueError, match=next(iter(options))):
            kind("train", **options)
    with pytest.raises(ValueError, match="split"):
        kind("training")


@pytest.mark.parametrize(
    "source",
    [
        *(kind("train", num_samples=3) for kind in SOURCES),
        StickFigures("train", num_images=3),
        SyntheticVolumes("train", num_volumes=3),
    ],
    ids=lambda source: type(source).__name__,
)
def test_places_beyond_the_last_are_errors(source):
    assert len(source) == 3
    for index in (3, -1):
        with pytest.raises(IndexError, match=f"no sample {index} of 3"):
            source[index]
