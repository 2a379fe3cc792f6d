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

    def on_train_batch_end(self, batch, logs=None):
        """Checks the losses of the first step."""
        if batch == 0:
            self._check_losses(logs)

    def on_epoch_end(self, epoch, logs=None):
        """Checks the losses, adds to the logs, and tells the method."""
        self._check_losses(logs)
        if logs is not None:
            logs.update(self.run.monitor.numbers())
        self.run.balancer.on_epoch_end(logs)

    def _check_losses(self, logs):
        if not getattr(self.run.balancer, "needs_positive_losses", False):
            return
        for task in self.run.tasks.losses:
            loss = float((logs or {}).get(f"{task}_loss", 1.0))
            if loss < 0:
                raise ValueError(
                    f"Task '{task}': {type(self.run.balancer).__name__} takes "
                    "the logarithm or ratio of losses, and expects them above "
                    f"0, received {loss:g} on average. Add a constant to the "
                    "loss, or choose a method that looks at gradients."
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
        callbacks.append(callback)
        return callbacks
    if callbacks is None:
        callbacks = []
    if not isinstance(callbacks, list | tuple):
        callbacks = [callbacks]
    return [callback, *callbacks]
