"""The running mean of a task's loss."""

import keras
from keras import ops


class LossTracker(keras.metrics.Mean):
    """A mean that also knows what the present training step has added.

    Args:
        task: Name of the task.

    Attributes:
        task: Name of the task.
        step: Variable (2,): number of labelled samples of the step, and the
            sum of their losses; over the model's own replica.
    """

    def __init__(self, task):
        super().__init__(name=f"{task}_loss")
        self.task = task
        self.step = self.add_variable((2,), "zeros", name="step")

    def update_state(self, values, sample_weight=None):
        """Adds values.

        Args:
            values: Tensor (B,), or a scalar.
            sample_weight: Tensor like it: how many samples each stands for.
        """
        super().update_state(values, sample_weight=sample_weight)
        values = ops.convert_to_tensor(values, self.dtype)
        count = ops.ones_like(values)
        if sample_weight is not None:
            count = ops.cast(sample_weight, self.dtype)
        total = ops.sum(values * count)
        self.step.assign_add(ops.stack([ops.sum(count), total]))
