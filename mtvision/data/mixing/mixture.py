"""Several sources as one."""

import bisect
import functools

import numpy as np

from mtvision.data.mixing.schedule import draw_rows, even_schedule


class Mixture:
    """Samples of several sources, in shares; made by `mix`.

    As a list it is one source after the other, so that an evaluation sees
    every sample once. `epoch_rows` gives the order of an epoch of training.

    Args:
        sources: Dict of sources by name.
        shares: Array (S,) of sum 1: the share of each in an epoch.
        epoch_size: Number of samples of an epoch.

    Attributes:
        classes: Dict from field to its list of class names.
        starts: Tuple (S,): the number of the first sample of each source.
    """

    def __init__(self, sources, shares, epoch_size):
        self.sources = dict(sources)
        self.shares = np.asarray(shares, "float64")
        self.epoch_size = epoch_size
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
        number = self._source_of(index)
        name = list(self.sources)[number]
        sample = dict(self.sources[name][index - self.starts[number]])
        file = sample.get("file", index - self.starts[number])
        return sample | {"file": f"{name}: {file}"}

    def peers(self, index):
        """The samples of the same source as another.

        Args:
            index: Number of a sample.

        Returns:
            A `range` of their numbers.
        """
        number = self._source_of(index)
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

    def _source_of(self, index):
        if not 0 <= index < len(self):
            raise IndexError(f"Sample {index} of {len(self)}.")
        return bisect.bisect_right(self._edges, index) - 1
