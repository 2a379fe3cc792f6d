"""A part of a source."""

import numpy as np


class Subset:
    """Some samples of a source, as a source.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        indices: Which of its samples, in their new order.

    Example:

    >>> Subset("abcd", [3, 0])[1]
    'a'
    """

    def __init__(self, source, indices):
        self.source = source
        self.indices = np.asarray(indices, "int64")

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, index):
        return self.source[int(self.indices[index])]
