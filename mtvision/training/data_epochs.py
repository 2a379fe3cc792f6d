"""Data whose epochs differ: each epoch of `fit` reads the one of its number."""

import functools

import keras
import numpy as np

from mtvision.training.balancing_callback import with_callback


def knows_epochs(data):
    """Whether data gives any batch of any epoch, as `mtvision.data.Batches`.

    Args:
        data: Anything that `fit` takes.

    Returns:
        Whether it is a `PyDataset` that has a number `epoch` and a function
        `batch` of an epoch and a step.

    Example:

    >>> knows_epochs(np.zeros(3))
    False
    """
    return (
        isinstance(data, keras.utils.PyDataset)
        and hasattr(data, "epoch")
        and callable(getattr(data, "batch", None))
    )


@functools.lru_cache(maxsize=4)
def epoch_order(seed, epoch, size):
    """An order that each epoch has for itself.

    Args:
        seed: Whole number.
        epoch: Number of the epoch.
        size: How many there are to put in order.

    Returns:
        Int array (size,), not to be changed.

    Example:

    >>> sorted(epoch_order(0, 3, 4).tolist())
    [0, 1, 2, 3]
    """
    order = np.random.default_rng([seed, epoch]).permutation(size)
    order.flags.writeable = False
    return order


class OneEpoch(keras.utils.PyDataset):
    """An epoch of data, which stays what it is however often it is read.

    Keras ends an epoch of its data before the first one, and after each
    evaluation, so that counting the ends does not tell where `fit` is.

    Args:
        data: Data that `knows_epochs`.
        seed: Seed of an order of the batches that depends on the epoch, or
            `None` for the order of the data.

    Attributes:
        epoch: Number of the epoch, at first the present one of the data.
        first_step: Number of its batches that are left out, at its beginning.
    """

    def __init__(self, data, *, seed=None):
        super().__init__(
            workers=data.workers, max_queue_size=data.max_queue_size
        )
        self.data = data
        self.epoch = data.epoch
        self.first_step = 0
        self.seed = seed

    @property
    def num_batches(self):
        """Number of batches of the epoch, without those left out."""
        return self.data.num_batches - self.first_step

    def __getitem__(self, index):
        step = self.first_step + index
        if self.seed is not None:
            order = epoch_order(self.seed, self.epoch, self.data.num_batches)
            step = int(order[step])
        return self.data.batch(self.epoch, step)

    def on_epoch_begin(self):
        """Tells the data."""
        self.data.on_epoch_begin()

    def on_epoch_end(self):
        """Lets the data say what it has to, but not move on."""
        epoch = self.data.epoch
        self.data.on_epoch_end()
        self.data.epoch = epoch


def hold(data):
    """Data that `knows_epochs` as `OneEpoch`; anything else as it is."""
    return OneEpoch(data) if knows_epochs(data) else data


class FollowEpochs(keras.callbacks.Callback):
    """Moves data to the epoch that `fit` is in.

    A `fit` that begins with epoch 0 goes on where the last one of the same
    model has stopped, so that a loop of single epochs reads new ones.

    Args:
        data: `OneEpoch`.

    Attributes:
        start: Epoch of the data in epoch 0 of `fit`; `None` before `fit`
            has begun.
    """

    def __init__(self, data):
        super().__init__()
        self.data = data
        self.start = None

    def on_epoch_begin(self, epoch, logs=None):
        """Moves the data, before any batch of the epoch is read."""
        if self.start is None:
            self.start = self.model.epochs_trained if epoch == 0 else 0
        self.data.epoch = self.data.data.epoch = self.start + epoch

    def on_epoch_end(self, epoch, logs=None):
        """Counts the epoch."""
        self.model.epochs_trained = self.start + epoch + 1


def follow_epochs(given, *, seed=None):
    """Arguments of `fit` with which its data follow its epochs.

    Args:
        given: Dict of arguments.
        seed: As for `OneEpoch`.

    Returns:
        Dict: the same if the data do not know epochs. Data that shuffle
        themselves are not shuffled again, unless told so.
    """
    data = given.get("x")
    if not knows_epochs(data):
        return given
    held = OneEpoch(data, seed=seed)
    callbacks = with_callback(given.get("callbacks"), FollowEpochs(held))
    order = {"shuffle": False} if getattr(data, "shuffle", False) else {}
    return order | given | {"x": held, "callbacks": callbacks}
