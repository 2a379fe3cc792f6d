"""The built-in posts."""

import itertools

import numpy as np

from mtvision.data.made.made_samples import MadeSamples
from mtvision.data.vocabulary import Vocabulary
from mtvision.ops.option_checks import require_count

YOUNGEST, OLDEST = 15, 80
INCOMES = ("lowest", "low", "middle", "high", "highest")
GENDERS = ("one", "other")
# How many words lean to an age, to each income, and to each gender.
AGE_WORDS, INCOME_WORDS, GENDER_WORDS, PLAIN_WORDS = 60, 12, 20, 150
# Standard deviation, in years, of the ages at which a word is used.
SPREAD = 4
SHARES = {"age": 0.2, "income": 0.12, "gender": 0.08}
# How many of the words for income and gender are those of anybody.
STRAY = 0.25


def made_up_words(number):
    """Words without a meaning.

    Args:
        number: How many.

    Returns:
        List of distinct words.

    Example:

    >>> made_up_words(3)
    ['baba', 'babe', 'babi']
    """
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    pairs = itertools.product(syllables, syllables)
    return ["".join(pair) for pair in itertools.islice(pairs, number)]


class Posts(MadeSamples):
    """Texts of people, of whom age, income and gender are to be told.

    A sample is a dict of
    `"text"`, int32 (L,): numbers of the words in `vocabulary`;
    `"age"`, float32, 15 to 80 years;
    `"income"`, int32, one of five bands;
    `"gender"`, int32, 0 or 1.

    Age, income and gender are drawn evenly and independently. The words have
    no meaning, so that nothing is said of anybody: some are used around an
    age (standard deviation 4 years), others lean to a band of income or to a
    gender, most to nothing. Of a post, 20 % are of its age, 12 % of its
    income, 8 % of its gender; a quarter of the last two is that of anybody.
    Every word tells of one task only, so what a text's features say of one
    task is no help to the others.

    Guessing the mean, the age has a squared error of 363 years^2, where the
    cross entropies of income and gender are 1.61 and 0.69: added up without
    weights, the age is all that counts.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_samples: Number of posts.
        num_words: Most words L of a post; the shortest has half as many.
        seed: Whole number, 0 or more.

    Attributes:
        vocabulary: The `Vocabulary` of the posts.
        classes: Dict of the names of the bands of income, and the genders.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> sample = Posts("train", num_samples=4, num_words=40)[1]
    >>> sample["text"].shape
    (40,)
    >>> [int(sample[name]) for name in ("age", "income", "gender")]
    [73, 2, 0]

    Reference:
        The tasks, and their weights 0.25, 1 and 10: Chollet, Deep Learning
        with Python, 2017, section 7.1.
    """

    vocabulary = Vocabulary(
        made_up_words(
            AGE_WORDS + 5 * INCOME_WORDS + 2 * GENDER_WORDS + PLAIN_WORDS
        )
    )

    def __init__(self, split, *, num_samples=2000, num_words=60, seed=0):
        super().__init__(split, num_samples=num_samples, seed=seed)
        require_count(num_words, 2, "num_words")
        self.num_words = num_words
        self.classes = {"income": list(INCOMES), "gender": list(GENDERS)}

    def make(self, rng):
        """Makes one sample."""
        age = int(rng.integers(YOUNGEST, OLDEST + 1))
        income = int(rng.integers(len(INCOMES)))
        gender = int(rng.integers(len(GENDERS)))
        text = np.zeros(self.num_words, "int32")
        length = rng.integers(self.num_words // 2, self.num_words + 1)
        text[:length] = self._write(rng, length, age, income, gender)
        return {
            "text": text,
            "age": np.float32(age),
            "income": np.int32(income),
            "gender": np.int32(gender),
        }

    def _write(self, rng, length, age, income, gender):
        """Numbers of the words: 2 is the first, see `Vocabulary`."""
        peaks = np.linspace(YOUNGEST, OLDEST, AGE_WORDS)
        chances = np.exp(-(((age - peaks) / SPREAD) ** 2) / 2)
        anybody = rng.uniform(size=length) < STRAY
        incomes = np.where(anybody, rng.integers(5, size=length), income)
        genders = np.where(anybody, rng.integers(2, size=length), gender)
        within = rng.integers(PLAIN_WORDS, size=length)
        kinds = rng.choice(
            4, length, p=[*SHARES.values(), 1 - sum(SHARES.values())]
        )
        words = [
            rng.choice(AGE_WORDS, length, p=chances / chances.sum()),
            incomes * INCOME_WORDS + within % INCOME_WORDS,
            genders * GENDER_WORDS + within % GENDER_WORDS,
            within,
        ]
        first = np.cumsum([2, AGE_WORDS, 5 * INCOME_WORDS, 2 * GENDER_WORDS])
        return np.choose(kinds, words) + first[kinds]
