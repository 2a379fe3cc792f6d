import numpy as np
import pytest

from mtvision.data import Novels
from mtvision.data.made.novels.words import GENRE_WORDS, GENRES, PERIOD_WORDS


def pages(number, split="train"):
    source = Novels(split, num_samples=number)
    return source, [source[i] for i in range(number)]


def test_pages_have_words_of_their_genre_and_of_their_time():
    source, samples = pages(300)
    right, years = [], []
    for sample in samples:
        words = source.vocabulary.decode(sample["text"]).split()
        genre = GENRES[sample["genre"]]
        counts = {
            name: sum(word in own.split() for word in words)
            for name, own in GENRE_WORDS.items()
        }
        right.append(max(counts, key=counts.get) == genre)
        times = [PERIOD_WORDS[word] for word in words if word in PERIOD_WORDS]
        if times:
            years.append((np.mean(times), sample["date"]))
    assert np.mean(right) > 0.8
    assert np.corrcoef(np.transpose(years))[0, 1] > 0.9


def test_a_genre_has_its_time():
    _, samples = pages(400)
    dates = {
        genre: np.mean([s["date"] for s in samples if s["genre"] == place])
        for place, genre in enumerate(GENRES)
    }
    assert dates["adventure"] + 30 < dates["science"]
    assert all(1800 <= s["date"] <= 2000 for s in samples)


def test_no_word_says_two_things():
    words = " ".join(GENRE_WORDS.values()).split()
    assert len(set(words)) == len(words)
    assert not set(words) & set(PERIOD_WORDS)
    source, (sample,) = pages(1)
    assert source.classes["genre"][sample["genre"]] in GENRES
    with pytest.raises(ValueError, match="num_words"):
        Novels("train", num_words=1)
