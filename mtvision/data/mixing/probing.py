"""Which fields a source has, by looking at a few of its samples."""

import collections.abc

import numpy as np

# How many samples are looked at, of which some may be damaged, and how many
# readable ones will do.
PROBES = 20
ENOUGH = 3


def known_fields(source, wanted=()):
    """The fields that samples of a source are found to have.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        wanted: Fields to look for; more samples are looked at until they are
            found. What the source has a column or classes of, it has.

    Returns:
        Dict from field to a value that is not None, if one was found; and how
        many samples could be read.

    Raises:
        ValueError: If a sample is no dict.

    Example:

    >>> known_fields([{"label": None}, {"label": 3, "depth": None}])
    ({'label': 3, 'depth': None}, 2)
    """
    found = dict.fromkeys(getattr(source, "classes", None) or {})
    found |= {name: None for name in wanted if _has_column(source, name)}
    readable = 0
    for index in _probes(len(source)):
        try:
            sample = source[index]
        # Decoders raise errors of every kind on damaged files.
        except Exception:
            continue
        if not isinstance(sample, collections.abc.Mapping):
            raise ValueError(
                f"sample {index}: expected a dict from field to array, "
                f"received {type(sample).__name__}."
            )
        readable += 1
        for name, value in sample.items():
            if found.get(name) is None:
                found[name] = value
        if readable >= ENOUGH and found.keys() >= set(wanted):
            break
    return found, readable


def _has_column(source, name):
    try:
        source.column(name)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


def _probes(number):
    """The first sample, then others from all over the source."""
    others = np.random.default_rng(0).permutation(number)[:PROBES].tolist()
    return dict.fromkeys([0, *others])
