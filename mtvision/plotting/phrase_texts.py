"""Phrases as they are written at boxes."""

import textwrap

import numpy as np

from mtvision.plotting.class_names import class_name, names_of

# Letters of a line at a box.
LETTERS = 24


def words_of(class_names, field):
    """The words that number the phrases of a field.

    Args:
        class_names: List of names, which are those of classes and no words;
            dict from field to its list (as `classes` of a source); or None.
        field: Name of the field of phrases.

    Returns:
        List or None.

    Example:

    >>> words_of({"phrases": ["", "<unknown>", "red"]}, "phrases")[2]
    'red'
    """
    if not isinstance(class_names, dict):
        return None
    return names_of(class_names, field)


def phrase_text(numbers, words=None):
    """A phrase in words, in lines; in numbers if there are no words.

    Args:
        numbers: Integers (L,), up to the first 0 or -1.
        words: List of words by number, or None.

    Returns:
        Text, empty if there is no phrase.

    Raises:
        ValueError: If there are too few words.

    Example:

    >>> phrase_text([3, 2, 0, 0], ["", "<unknown>", "seven", "red"])
    'red seven'
    """
    numbers = np.asarray(numbers).astype("int64")
    ends = np.flatnonzero(numbers <= 0)
    numbers = numbers[: ends[0]] if len(ends) else numbers
    text = " ".join(class_name(number, words) for number in numbers)
    return textwrap.fill(text, LETTERS)


def with_phrases(names, phrases, words=None):
    r"""Texts at boxes, with the phrases below.

    Args:
        names: List of M texts or None, or None for none.
        phrases: M rows of numbers.
        words: List of words by number, or None.

    Returns:
        List of M texts, None where there is nothing to write.

    Example:

    >>> with_phrases(["7", None], [[2, 0], [0, 0]], ["", "", "seven"])
    ['7\nseven', None]
    """
    names = [None] * len(phrases) if names is None else names
    pairs = zip(names, (phrase_text(each, words) for each in phrases))
    return ["\n".join(filter(None, pair)) or None for pair in pairs]
