"""Samples kept in memory."""

from mtvision.data.wrapped_source import WrappedSource


class Cached(WrappedSource):
    """A source that reads each sample of another once and keeps it.

    The memory it takes is that of all samples: a photograph of 500 x 375
    pixels takes 0.6 MB, one of 128 x 128 pixels 49 kB. `Batches(cache=True)`
    keeps samples after resizing. Whatever else the source has (`classes`,
    `files`, `flip_pairs`), this has too.

    Args:
        source: Any object with `len(source)` and `source[i]`.

    Example:

    >>> cached = Cached([{"label": 1}])
    >>> cached[0] is cached[0]
    True
    """

    def __init__(self, source):
        super().__init__(source)
        self._samples = {}

    def __getitem__(self, index):
        # Two threads may both read a sample: either result will do.
        if index not in self._samples:
            self._samples[index] = self.source[index]
        return self._samples[index]
