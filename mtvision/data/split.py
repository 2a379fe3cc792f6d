"""Splitting a source into disjoint parts."""

import numpy as np

from mtvision.data.label_column import read_labels
from mtvision.data.subset import Subset, refuse_mixture


def split(source, shares, *, seed=0, stratify=None):
    """Splits a source into disjoint parts, at random but reproducibly.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        shares: Dict from the name of a part to its share; they add up to 1.
        seed: Seed of the random order.
        stratify: Optional name of an integer field: each part gets its share
            of each class (-1, missing, counts as one more), as exactly as the
            sizes of the parts allow. Read from `source.column(name)` if the
            source has it, else from every sample.

    Returns:
        Dict from name to `Subset`, whose sizes are the shares of
        `len(source)`, rounded. Samples keep their order.

    Raises:
        ValueError: If the shares do not add up to 1, a part is empty, the
            field to stratify by is not one class a sample, or the source is
            a `Mixture`: split its sources, and mix the parts.

    Example:

    >>> parts = split(list(range(10)), {"train": 0.8, "test": 0.2})
    >>> len(parts["train"]), len(parts["test"])
    (8, 2)
    """
    refuse_mixture(source, "split")
    total = sum(shares.values())
    if abs(total - 1) > 1e-6 or min(shares.values()) <= 0:
        raise ValueError(
            f"Expected positive shares that add up to 1, received {shares}, "
            f"which add up to {total:g}."
        )
    classes = _classes(source, stratify)
    generator = np.random.default_rng(seed)
    order = np.argsort(_positions(classes, generator), kind="stable")
    edges = np.rint(np.cumsum([0, *shares.values()]) * len(source))
    edges = edges.astype("int64")
    parts = {}
    for name, start, stop in zip(shares, edges[:-1], edges[1:]):
        if start == stop:
            raise ValueError(
                f"The part {name!r} of {len(source)} samples is empty. Give "
                "it a larger share."
            )
        parts[name] = Subset(source, np.sort(order[start:stop]))
    return parts


def _classes(source, name):
    if name is None:
        return np.zeros(len(source), "int64")
    found = read_labels(source, name, "to stratify by")
    if hasattr(source, "column"):
        return np.asarray(found)
    # Samples without the label are a group of their own.
    return np.array(["" if value is None else str(value) for value in found])


def _positions(classes, generator):
    """Places the samples of each class evenly, in random order, between 0 and
    1, so that any stretch of them has its share of each class.
    """
    positions = np.empty(len(classes))
    for value in np.unique(classes):
        members = np.flatnonzero(classes == value)
        ranks = generator.permutation(len(members))
        positions[members] = (ranks + generator.random()) / len(members)
    return positions
