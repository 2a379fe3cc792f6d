"""Several sources as one."""

import bisect
import functools

import numpy as np

from mtvision.data.mixing.mixed_description import MixedDescription
from mtvision.data.mixing.schedule import draw_rows, even_schedule


class Mixture(MixedDescription):
    """Samples of several sources, in shares; made by `mix`.

    As a list it is one source after the other, so that an evaluation sees
    every sample once. `epoch_rows` gives the order of an epoch of training.

    Args:
        sources: Dict of sources by name.
        shares: Array (S,) of sum 1: the share of each in an epoch.
        epoch_size: Number of samples of an epoch.
        chosen: Names of the arguments of `mix` that say how the sources are
            to be balanced, for messages.

    Attributes:
        classes: Dict from field to its list of class names.
        starts: Tuple (S,): the number of the first sample of each source.

    Example:

    >>> cats, dogs = [{"label": 0}] * 3, [{"label": 1}]
    >>> mixture = Mixture({"cats": cats, "dogs": dogs}, [0.5, 0.5], 6)
    >>> len(mixture), mixture.starts, mixture.name_of(3)
    (4, (0, 3), 'dogs')
    """

    def __init__(self, sources, shares, epoch_size, *, chosen=()):
        self.sources = dict(sources)
        self.shares = np.asarray(shares, "float64")
        self.epoch_size = epoch_size
        self.chosen = tuple(chosen)
        sizes = [len(source) for source in self.sources.values()]
        self._edges = np.cumsum([0, *sizes]).tolist()
        self.starts = tuple(self._edges[:-1])
        self.classes = {}
        for source in self.sources.values():
            self.classes |= getattr(source, "classes", None) or {}

    def __len__(self):
        return self._edges[-1]

    def __getitem__(self, index):
        """A sample, whose `file` begins with the name of its source."""
        index = self._number(index)
        number = self._source_of(index)
        name = list(self.sources)[number]
        sample = dict(self.sources[name][index - self.starts[number]])
        file = sample.get("file", index - self.starts[number])
        return sample | {"file": f"{name}: {file}"}

    def name_of(self, index):
        """The name of the source of a sample.

        Args:
            index: Number of the sample.
        """
        return list(self.sources)[self._source_of(self._number(index))]

    def peers(self, index):
        """The samples of the same source as another.

        Args:
            index: Number of a sample.

        Returns:
            A `range` of their numbers.
        """
        number = self._source_of(self._number(index))
        return range(self._edges[number], self._edges[number + 1])

    def epoch_rows(self, seed, epoch):
        """The samples of an epoch of training, in their order.

        Args:
            seed: Whole number.
            epoch: Number of the epoch.

        Returns:
            Int array (epoch_size,).
        """
        rows = np.empty(self.epoch_size, "int64")
        for number, start in enumerate(self.starts):
            places = np.flatnonzero(self._schedule == number)
            size = self._edges[number + 1] - start
            drawn = draw_rows(size, len(places), [seed, number], epoch)
            rows[places] = start + drawn
        return rows

    @functools.cached_property
    def _schedule(self):
        return even_schedule(self.shares, self.epoch_size)

    def _number(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"Sample {index} of {len(self)}.")
        return int(index) % len(self)

    def _source_of(self, index):
        return bisect.bisect_right(self._edges, index) - 1
