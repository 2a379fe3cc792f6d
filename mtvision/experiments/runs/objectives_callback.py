"""Looks at the objectives after each epoch."""

import math

import keras


class ObjectivesCallback(keras.callbacks.Callback):
    """Ends a run whose objectives are not measured, or that is hopeless.

    Args:
        objectives: `Objectives`.
        trial: Optuna's trial, which is told the value of each epoch and asked
            whether to go on; `None` where there are several objectives, or no
            trial.

    Attributes:
        pruned: Whether it has ended the run as hopeless.
    """

    def __init__(self, objectives, trial=None):
        super().__init__()
        self.objectives = objectives
        self.trial = trial
        self.pruned = False

    def on_epoch_end(self, epoch, logs=None):
        """Checks, reports and asks.

        Raises:
            UnknownMetric: If an objective is not in the logs.
        """
        metrics = {
            name.removeprefix("val_"): value
            for name, value in (logs or {}).items()
            if name.startswith("val_")
        }
        self.objectives.check(metrics)
        if self.trial is None:
            return
        (value,) = self.objectives.values(
            metrics, self.model.task_names
        ).values()
        if math.isfinite(value):
            self.trial.report(value, epoch)
            self.pruned = self.trial.should_prune()
            self.model.stop_training |= self.pruned
