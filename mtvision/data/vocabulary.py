"""Words and their numbers."""

import collections
import re
from collections.abc import Iterable

import keras
import numpy as np

from mtvision.ops.option_checks import require_count

# The numbers that are no words. The first ends a phrase, and fills what is
# behind its end.
END, UNKNOWN = 0, 1
NAMES = ("", "<unknown>")
WORD = re.compile(r"\w+(?:'\w+)*")


@keras.saving.register_keras_serializable(package="mtvision")
class Vocabulary:
    """Turns phrases into numbers and back.

    A phrase is the numbers of its words, then 0: the end, and the padding
    behind it. Words that are not in the vocabulary have the number 1. Texts
    are taken in lower case, without punctuation. So what an object lacks is a
    phrase of zeros: none is given.

    Args:
        words: List of distinct words, numbered from 2 in that order. It may
            begin with `""` and `"<unknown>"`, as `words` of another
            vocabulary, or `source.classes["phrases"]`, does.

    Attributes:
        words: List of all names, with the two that are no words.

    Raises:
        ValueError: If a word occurs twice, or is none.

    Example:

    >>> vocabulary = Vocabulary.of(["A red seven", "a seven!"])
    >>> vocabulary.words
    ['', '<unknown>', 'a', 'seven', 'red']
    >>> vocabulary.encode(["a seven", "A blue seven"], 4).tolist()
    [[2, 3, 0, 0], [2, 1, 3, 0]]
    >>> vocabulary.decode([[2, 4, 3, 0]])
    ['a red seven']
    """

    def __init__(self, words):
        words = [str(word) for word in words]
        if tuple(words[:2]) == NAMES:
            words = words[2:]
        for word in words:
            if split_words(word) != [word]:
                raise ValueError(
                    "Expected words in lower case, without blanks or "
                    f"punctuation, received {word!r}. From texts: "
                    "Vocabulary.of(texts)."
                )
        twice = [w for w, k in collections.Counter(words).items() if k > 1]
        if twice:
            raise ValueError(f"The words {twice[:5]} occur more than once.")
        self.words = [*NAMES, *words]
        self._numbers = {word: n for n, word in enumerate(self.words)}

    @classmethod
    def of(cls, texts, *, min_count=1):
        """The vocabulary of some texts, the most frequent words first.

        Args:
            texts: Iterable of texts.
            min_count: Words that occur less often are left out.

        Returns:
            `Vocabulary`.
        """
        _require_texts(texts)
        counts = collections.Counter(
            word for text in texts for word in split_words(text)
        )
        words = sorted(counts, key=lambda word: (-counts[word], word))
        return cls([word for word in words if counts[word] >= min_count])

    def __len__(self):
        return len(self.words)

    def encode(self, texts, max_length=None, *, cut=False):
        """Numbers of the words of texts.

        Args:
            texts: List of M texts.
            max_length: L, 1 at least, or `None` for the longest text's.
            cut: Whether longer texts lose their last words; else they are an
                error.

        Returns:
            Array (M, L), int32, zeros behind the end.

        Raises:
            ValueError: If a text has more words than `max_length`, or these
                are no texts.
        """
        _require_texts(texts)
        if max_length is not None:
            require_count(max_length, 1, "max_length")
        rows = [split_words(text) for text in texts]
        longest = max([1, *map(len, rows)])
        if max_length is None:
            max_length = longest
        if any(len(row) > max_length for row in rows) and not cut:
            row = next(row for row in rows if len(row) > max_length)
            raise ValueError(
                f"{' '.join(row)!r} has {len(row)} words, max_length is "
                f"{max_length}. Give a larger one, or cut=True."
            )
        numbers = np.zeros((len(rows), max_length), "int32")
        for place, row in enumerate(rows):
            found = [self._numbers.get(word, UNKNOWN) for word in row]
            numbers[place, : len(found)] = found[:max_length]
        return numbers

    def decode(self, numbers):
        """Texts from numbers, up to the first end.

        Args:
            numbers: Integers (..., L), -1 as padding too.

        Returns:
            A text, or nested lists of texts, of the axes but the last.

        Raises:
            ValueError: If a number is that of no word.
        """
        numbers = np.asarray(numbers)
        if numbers.ndim > 1:
            return [self.decode(row) for row in numbers]
        if numbers.ndim == 0 or numbers.dtype.kind not in "iu":
            raise ValueError(
                "Expected integers (..., L), received shape "
                f"{numbers.shape} of {numbers.dtype}."
            )
        ends = np.flatnonzero(numbers <= END)
        row = numbers[: ends[0]] if len(ends) else numbers
        if row.max(initial=0) >= len(self):
            raise ValueError(
                f"Expected numbers below {len(self)}, received {row.max()}."
            )
        return " ".join(self.words[number] for number in row)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {"words": self.words}

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)


def _require_texts(texts):
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise ValueError(f"Expected a list of texts, received {texts!r}.")


def split_words(text):
    """The words of a text, in lower case.

    Example:

    >>> split_words("The dog's tail, red.")
    ['the', "dog's", 'tail', 'red']
    """
    return WORD.findall(str(text).lower())
