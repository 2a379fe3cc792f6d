"""How long the steps of a training take."""

import statistics
import time

import keras


class StepTimer(keras.callbacks.Callback):
    """Measures the steps of `fit`, with the time they wait for data.

    Example:

    >>> timer = StepTimer()
    >>> timer.median_seconds() is None
    True
    """

    def __init__(self):
        super().__init__()
        self._between, self._within = [], []
        self._last = None

    def on_epoch_begin(self, epoch, logs=None):
        """Between epochs there is more than a step."""
        self._last = None

    def on_train_batch_begin(self, batch, logs=None):
        """Starts the clock."""
        self._begin = batch, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Stops it. Keras calls once for several steps in one execution."""
        now = time.perf_counter()
        first, begin = self._begin
        self._within.append((now - begin) / (batch - first + 1))
        if self._last is not None:
            last, end = self._last
            self._between.append((now - end) / (batch - last))
        self._last = batch, now

    def median_seconds(self):
        """The median over the steps from end to end.

        Returns:
            Seconds, or `None` before the first step. The first of an epoch
            do not count, unless epochs have one step only.
        """
        found = self._between or self._within[1:] or self._within
        return statistics.median(found) if found else None
