"""Counts and measures of a whole split."""

import array
import collections

import numpy as np


class Statistics:
    """Counts and measures of a split, added up sample by sample.

    Attributes:
        samples: Number of samples, with those that cannot be read.
        fields: Dict from field to dict of `labelled` and `missing` (numbers of
            samples) and `objects`, None where it has no row for each.
        classes: Dict from field to Counter from class number to its number of
            labels, objects or pixels.
        depth: Dict from field to the shares not measured, one a sample.
        points: Dict from field to array (K,): how often each is labelled.

    Example:

    >>> statistics = Statistics()
    >>> statistics.add(None)
    >>> statistics.samples
    1
    """

    def __init__(self):
        self.samples = 0
        self.classes = collections.defaultdict(collections.Counter)
        self.depth = collections.defaultdict(lambda: array.array("f"))
        self.points = {}
        self._given = collections.Counter()
        self._objects = {}
        self._fields = {}
        self._readable = 0
        self._given_sets, self._same = [], {}
        self._sizes = array.array("l")
        self._sides = array.array("f")

    def add(self, measures):
        """Adds the `Measures` of a sample, None if it cannot be read."""
        self.samples += 1
        if measures is None:
            self._given_sets.append(None)
            return
        # Most samples have the same fields, which are kept once.
        given = frozenset(measures.objects)
        self._given_sets.append(self._same.setdefault(given, given))
        self._readable += 1
        self._fields |= dict.fromkeys(measures.fields)
        self._sizes.extend(measures.size or ())
        self._sides.extend(measures.sides.ravel().tolist())
        for name, number in measures.objects.items():
            self._given[name] += 1
            if number is not None:
                self._objects[name] = self._objects.get(name, 0) + number
        for name, counts in measures.classes.items():
            self.classes[name].update(counts)
        for name, share in measures.depth.items():
            self.depth[name].append(share)
        for name, labelled in measures.points.items():
            self._add_points(name, labelled)

    @property
    def fields(self):
        """Of each field the samples with a label, without, and objects."""
        return {
            name: {
                "labelled": self._given[name],
                "missing": self._readable - self._given[name],
                "objects": self._objects.get(name),
            }
            for name in self._fields
        }

    def missing(self):
        """Yields of each sample the fields without a label that are fields of
        the split.
        """
        for given in self._given_sets:
            names = () if given is None else self._fields
            # A sample without its image has a finding of its own.
            yield [k for k in names if k not in given and k != "image"]

    @property
    def sizes(self):
        """(N, 2) height and width of the images."""
        return np.array(self._sizes, "int64").reshape(-1, 2)

    @property
    def sides(self):
        """(M, 2) width and height of the boxes that have an area."""
        return np.array(self._sides, "float32").reshape(-1, 2)

    def _add_points(self, name, labelled):
        known = self.points.get(name, np.zeros(0, "int64"))
        total = np.zeros(max(len(known), len(labelled)), "int64")
        total[: len(known)] += known
        total[: len(labelled)] += labelled
        self.points[name] = total
