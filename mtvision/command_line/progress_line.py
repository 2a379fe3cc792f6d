"""How far a training is, on one line that is written over and over."""

import sys
import time

import keras

WIDTH = 20


class ProgressLine(keras.callbacks.Callback):
    """Shows the progress of one run of many; gone when it ends.

    Args:
        name: Of the run.
        stream: Where to write, `None` for the terminal's errors.
    """

    def __init__(self, name, stream=None):
        super().__init__()
        self.name = name
        self.stream = stream or sys.stderr
        self._epoch = 0
        self._said = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        """Says which epoch begins."""
        self._epoch = epoch
        self._say(0.0)

    def on_train_batch_end(self, batch, logs=None):
        """Says how much of the epoch is done, ten times a second at most."""
        steps = self.params.get("steps")
        if steps and time.monotonic() - self._said > 0.1:
            self._say(min(1.0, (batch + 1) / steps))

    def on_train_end(self, logs=None):
        """Clears the line."""
        self.stream.write("\r\033[K")
        self.stream.flush()

    def _say(self, share):
        epochs = self.params.get("epochs") or 1
        full = int(WIDTH * (self._epoch + share) / epochs)
        bar = "=" * full + "." * (WIDTH - full)
        # What is printed next begins at the start of this line.
        self.stream.write(
            f"\r\033[K{self.name} [{bar}] epoch {self._epoch + 1} of {epochs}\r"
        )
        self.stream.flush()
        self._said = time.monotonic()


def with_progress(callbacks, stream=None):
    """Adds a line of progress to the callbacks of an experiment.

    Args:
        callbacks: List of Keras callbacks, or a function of a run's name to
            one.
        stream: As for `ProgressLine`.

    Returns:
        Function of a run's name to a list.
    """

    def make(name):
        given = callbacks(name) if callable(callbacks) else callbacks
        return [*given, ProgressLine(name, stream)]

    return make
