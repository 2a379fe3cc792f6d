"""Batches of arrays in an order that does not depend on what ran before."""

import keras

from mtvision.training import arrays
from mtvision.training.data_epochs import epoch_order


class ArrayBatches(keras.utils.PyDataset):
    """Batches of arrays, each a pure function of the seed, epoch and step.

    Args:
        x: Array (N, ...), or a list or dict of arrays.
        y: Dict of arrays, or of dicts of arrays, by task.
        sample_weight: Array (N,), dict of arrays by task, or `None`.
        batch_size: Number of samples B of a batch; the last may be smaller.
        shuffle: Whether each epoch has an order of its own.
        seed: Seed of the order.

    Attributes:
        epoch: Number of the present epoch.

    Example:

    >>> x, y = np.arange(6.0)[:, None], {"a": np.arange(6)}
    >>> batches = ArrayBatches(x, y, batch_size=4, shuffle=False)
    >>> [batches.batch(0, step)[1]["a"].tolist() for step in range(2)]
    [[0, 1, 2, 3], [4, 5]]
    """

    def __init__(
        self, x, y, sample_weight=None, *, batch_size, shuffle, seed=0
    ):
        super().__init__()
        parts = (x, y) if sample_weight is None else (x, y, sample_weight)
        self.parts = keras.tree.map_structure(arrays.as_numpy, parts)
        self.num_samples = len(keras.tree.flatten(self.parts)[0])
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0

    @property
    def num_batches(self):
        """Number of batches of an epoch."""
        return -(-self.num_samples // self.batch_size)

    def __getitem__(self, index):
        return self.batch(self.epoch, index)

    def batch(self, epoch, step):
        """A batch of any epoch.

        Args:
            epoch: Number of the epoch.
            step: Number of the batch in it.

        Returns:
            `(x, y)` or `(x, y, sample_weight)`.
        """
        start = step * self.batch_size
        rows = slice(start, start + self.batch_size)
        if self.shuffle:
            rows = epoch_order(self.seed, epoch, self.num_samples)[rows]
        return keras.tree.map_structure(lambda a: a[rows], self.parts)
