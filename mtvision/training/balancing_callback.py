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
            self._check_losses(logs)
        self._is_first = False

    def on_epoch_end(self, epoch, logs=None):
        """Checks the losses, adds to the logs, and tells the method."""
        self._check_losses(logs)
        if logs is not None:
            logs.update(self.run.monitor.numbers())
        self.run.balancer.on_epoch_end(logs)

    def _check_losses(self, logs):
        if not getattr(self.run.balancer, "needs_positive_losses", False):
            return
        for task, compiled in self.run.tasks.losses.items():
            loss = float((logs or {}).get(f"{task}_loss", 1.0))
            loss *= compiled.weight
            if loss < 0:
                raise ValueError(
                    f"Task '{task}': {type(self.run.balancer).__name__} takes "
                    "the logarithm or ratio of losses, or multiplies by them, "
                    f"and expects them above 0, received {loss:g} on average. "
                    "Add a constant to the loss, or choose a method that does "
                    "not."
                )


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
