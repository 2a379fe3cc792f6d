"""The built-in pages of novels."""

import numpy as np

from mtvision.data.made.made_samples import MadeSamples
from mtvision.data.made.novels.words import (
    FIRST,
    GENRE_WORDS,
    GENRE_YEARS,
    GENRES,
    LAST,
    PERIOD_WORDS,
    PLAIN_WORDS,
    SPREAD,
    UNSEEN,
    make_vocabulary,
)
from mtvision.ops.option_checks import require_count

SHARES = {"period": 0.08, "genre": 0.08, "stray": 0.04, "unseen": 0.02}
PEAKS = np.array(list(PERIOD_WORDS.values()))
STRAY = " ".join(GENRE_WORDS.values()).split()


class Novels(MadeSamples):
    """Pages of novels, with their genre and the year they were written.

    A sample is a dict of
    `"text"`, int32 (L,): numbers of the words in `vocabulary`;
    `"genre"`, int32, one of five;
    `"date"`, float32, a year from 1800 to 2000.

    The genre is drawn first, and then the year, around the one at which that
    genre was at its height. Each word of the page is one of the genre (8 %),
    one of any genre (4 %), one that had its time (8 %): the nearer the year
    to that of the word's most use, the likelier, with a standard deviation of
    18 years; else one of the words of all times. So genre and date help each
    other. Validation and test pages have words that no training sees (2 %),
    which all have the number 1.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_samples: Number of pages.
        num_words: Most words L of a page; the shortest has half as many.
        seed: Whole number, 0 or more.

    Attributes:
        vocabulary: The `Vocabulary` of the pages.
        classes: Dict of the names of the genres.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> source = Novels("test", num_samples=4, num_words=12)
    >>> sample = source[1]
    >>> source.vocabulary.decode(sample["text"])
    'door wound in out if but street telegraph street'
    >>> source.classes["genre"][sample["genre"]], float(sample["date"])
    ('war', 1884.0)
    """

    vocabulary = make_vocabulary()

    def __init__(self, split, *, num_samples=2000, num_words=80, seed=0):
        super().__init__(split, num_samples=num_samples, seed=seed)
        require_count(num_words, 2, "num_words")
        self.num_words = num_words
        self.classes = {"genre": list(GENRES)}

    def make(self, rng):
        """Makes one sample."""
        genre = int(rng.integers(len(GENRES)))
        year = _draw_year(rng, GENRES[genre])
        length = rng.integers(self.num_words // 2, self.num_words + 1)
        page = " ".join(self._write(rng, GENRES[genre], year, length))
        return {
            "text": self.vocabulary.encode([page], self.num_words)[0],
            "genre": np.int32(genre),
            "date": np.float32(year),
        }

    def _write(self, rng, genre, year, length):
        chances = np.exp(-(((year - PEAKS) / SPREAD) ** 2) / 2)
        pools = {
            "period": (list(PERIOD_WORDS), chances / chances.sum()),
            "genre": (GENRE_WORDS[genre].split(), None),
            "stray": (STRAY, None),
            "unseen": (UNSEEN, None),
            "plain": (PLAIN_WORDS.split(), None),
        }
        shares = dict(SHARES)
        if self.split == "train":
            del shares["unseen"]
        shares["plain"] = 1 - sum(shares.values())
        kinds = rng.choice(list(shares), length, p=list(shares.values()))
        for kind in kinds:
            words, chances = pools[kind]
            yield str(rng.choice(words, p=chances))


def _draw_year(rng, genre):
    while True:
        year = int(rng.normal(*GENRE_YEARS[genre]))
        if FIRST <= year <= LAST:
            return year
