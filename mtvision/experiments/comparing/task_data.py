"""Data of many tasks, with the labels of some."""

import copy
import functools

import keras

from mtvision.training.data_epochs import knows_epochs


def of_tasks(data, tasks):
    """Data of many tasks, as a model of some of them takes it.

    Inputs stay as they are, so that such a model sees the same samples in the
    same order.

    Args:
        data: `(x, y)` or `(x, y, sample_weight)` of arrays, a
            `keras.utils.PyDataset` such as `mtvision.data.Batches`, a
            `tf.data.Dataset`, a PyTorch `DataLoader`, or `None`.
        tasks: Names of the tasks to keep.

    Returns:
        Data of the same kind, which has truths and sample weights of these
        tasks only.

    Raises:
        ValueError: If data are of another kind, or lack the truth of a task.

    Example:

    >>> x = np.zeros((2, 3))
    >>> data = (x, {"a": np.ones(2), "b": np.zeros(2)})
    >>> list(of_tasks(data, ["b"])[1])
    ['b']
    """
    keep = functools.partial(_keep, tuple(tasks))
    if data is None:
        return None
    if isinstance(data, tuple):
        return keep(*data)
    if knows_epochs(data):
        return _EpochsOfTasks(data, keep)
    if isinstance(data, keras.utils.PyDataset):
        return _BatchesOfTasks(data, keep)
    if hasattr(data, "collate_fn"):  # a DataLoader
        twin = copy.copy(data)
        twin.collate_fn = functools.partial(_collate, data.collate_fn, keep)
        return twin
    if hasattr(data, "map"):  # a tf.data.Dataset
        return data.map(keep)
    raise ValueError(
        "Expected (x, y) of arrays, a PyDataset, a tf.data.Dataset or a "
        f"DataLoader, received a {type(data).__name__}. Make one of these of "
        "it, for example mtvision.data.Batches."
    )


class _BatchesOfTasks(keras.utils.PyDataset):
    def __init__(self, data, keep):
        super().__init__(
            workers=data.workers,
            use_multiprocessing=data.use_multiprocessing,
            max_queue_size=data.max_queue_size,
        )
        self.data = data
        self.keep = keep
        self.shuffle = getattr(data, "shuffle", False)

    @property
    def num_batches(self):
        return self.data.num_batches

    def __getitem__(self, index):
        return self.keep(*self.data[index])

    def on_epoch_begin(self):
        self.data.on_epoch_begin()

    def on_epoch_end(self):
        self.data.on_epoch_end()


class _EpochsOfTasks(_BatchesOfTasks):
    @property
    def epoch(self):
        return self.data.epoch

    @epoch.setter
    def epoch(self, epoch):
        self.data.epoch = epoch

    def batch(self, epoch, step):
        return self.keep(*self.data.batch(epoch, step))


def _keep(tasks, x, y, sample_weight=None):
    lacking = [name for name in tasks if name not in y]
    if lacking:
        raise ValueError(
            f"The data have truths of the tasks {sorted(y)}, but none of "
            f"{lacking}."
        )
    kept = [x, {name: y[name] for name in tasks}]
    if isinstance(sample_weight, dict):
        weights = {k: v for k, v in sample_weight.items() if k in tasks}
        kept.append(weights)
    elif sample_weight is not None:
        kept.append(sample_weight)
    return tuple(kept)


def _collate(collate, keep, samples):
    return keep(*collate(samples))
