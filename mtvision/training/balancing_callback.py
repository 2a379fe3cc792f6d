"""What balancing does between the steps of `fit`."""

import keras


class BalancingCallback(keras.callbacks.Callback):
    """Adds what balancing did to the logs of each epoch.

    Args:
        run: The model's `BalancedRun`.
    """

    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_epoch_begin(self, epoch, logs=None):
        """Begins to count anew."""
        self.run.monitor.clear()
        self._is_first = True

    def on_train_batch_end(self, batch, logs=None):
        """Checks the losses of the first steps."""
        if self._is_first:
            self.run.check_losses(logs or {})
        self._is_first = False

    def on_epoch_end(self, epoch, logs=None):
        """Checks the losses, adds to the logs, and tells the method."""
        self.run.check_losses(logs or {})
        if logs is not None:
            logs.update(self.run.monitor.numbers())
        self.run.balancer.on_epoch_end(logs)


def with_callback(callbacks, callback):
    """Puts a callback before those that `fit` was given.

    Args:
        callbacks: `None`, a callback, a list of them, or Keras' own list.
        callback: The one to come first, so that others see its logs.

    Returns:
        What `fit` takes.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):
        kept = [c for c in callbacks.callbacks if type(c) is not type(callback)]
        callbacks.callbacks = [callback, *kept]
        return callbacks
    if callbacks is None:
        callbacks = []
    if not isinstance(callbacks, list | tuple):
        callbacks = [callbacks]
    return [callback, *callbacks]
