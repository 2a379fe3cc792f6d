"""The part of each batch that one of several processes reads."""

import keras

from mtvision.ops.option_checks import require_count


class Shard(keras.utils.PyDataset):
    """The rows of each batch that one of several processes reads.

    With `keras.distribution.initialize` each process gives its own part of a
    batch, and `keras.distribution.DataParallel(auto_shard_dataset=False)` puts
    the parts together. All shards together are the batches as one process
    would read them: samples, order, augmentation and epochs are the same.

    Args:
        batches: `Batches`, of which each process makes the same.
        index: Number of this process: `distribution.data_shard_id`.
        count: How many there are: `distribution.num_processes`.

    Attributes:
        batch_size: Samples of a batch that this process reads.

    Raises:
        ValueError: If a batch, the last included, has no equal parts.

    Example:

    >>> source = [{"image": np.zeros((8, 8, 3)), "age": n} for n in range(4)]
    >>> batches = mtv.data.Batches(source, {"age": "age"}, batch_size=4)
    >>> _, targets, _ = Shard(batches, index=1, count=2)[0]
    >>> targets["age"].tolist()
    [2, 3]
    """

    def __init__(self, batches, *, index, count):
        super().__init__(
            workers=batches.workers, max_queue_size=batches.max_queue_size
        )
        require_count(count, 1, "count")
        if index not in range(count):
            raise ValueError(
                f"Expected index as a number from 0 to {count - 1}, for "
                f"{count} shards, received {index!r}."
            )
        size = batches.batch_size
        last = 0 if batches.drop_remainder else len(batches.order(0)) % size
        if size % count or last % count:
            raise ValueError(
                f"Expected batches of a multiple of {count} samples, for "
                f"{count} shards, received batch_size={size} and a last batch "
                f"of {last or size}. Choose another batch_size, or "
                "drop_remainder=True."
            )
        self.batches = batches
        self.index = index
        self.count = count
        self.batch_size = size // count
        self.drop_remainder = batches.drop_remainder
        # `fit` must not give each process an order of its own.
        self.shuffle = batches.shuffle or count > 1
        self.seed = batches.seed

    @property
    def epoch(self):
        """Number of the present epoch."""
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch):
        self.batches.epoch = epoch

    def __len__(self):
        """Number of batches in an epoch."""
        return len(self.batches)

    def __getitem__(self, index):
        """The own part of a batch of the present epoch."""
        return self.batch(self.epoch, index)

    def batch(self, epoch, step):
        """The own part of a batch of any epoch.

        Args:
            epoch: Number of the epoch.
            step: Number of the batch in it; -1 is the last.

        Returns:
            As `Batches.batch`.
        """
        return self.batches.batch(epoch, step, shard=(self.index, self.count))

    def order(self, epoch=None):
        """As `Batches.order`, of the rows that this process reads."""
        size = self.batches.batch_size
        rows = self.batches.order(epoch)
        parts = [
            own_part(rows[start : start + size], self.index, self.count)
            for start in range(0, len(rows), size)
        ]
        return [row for part in parts for row in part]

    def on_epoch_end(self):
        """Moves on to the next epoch, and reports what was left out."""
        self.batches.on_epoch_end()


def own_part(rows, index, count):
    """One of several equal parts of the rows of a batch.

    Args:
        rows: Sequence.
        index: Number of the part.
        count: How many there are.

    Returns:
        Sequence.
    """
    first, last = (len(rows) * i // count for i in (index, index + 1))
    return rows[first:last]
