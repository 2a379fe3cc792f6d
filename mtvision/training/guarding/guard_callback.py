"""Tells at the end of each epoch what was left out of it."""

import math
import warnings

import keras

from mtvision.training.guarding.step_counts import NO_LABEL, OTHER


class GuardCallback(keras.callbacks.Callback):
    """Warns of steps that were left out, or ends the training.

    Args:
        guard: The model's `StepGuard`.
    """

    def __init__(self, guard):
        super().__init__()
        self.guard = guard

    def on_train_begin(self, logs=None):
        """Begins a new table."""
        self.guard.left_out.clear()

    def on_epoch_begin(self, epoch, logs=None):
        """Begins to count anew."""
        self.guard.epoch = epoch + 1
        self.guard.counts.clear()

    def get_state(self):
        """The table so far, for `Resume`."""
        return {"left_out": list(self.guard.left_out)}

    def set_state(self, state):
        """Takes what `get_state` gave."""
        self.guard.left_out[:] = state["left_out"]

    def on_train_batch_end(self, batch, logs=None):
        """Ends the training if it is to be ended."""
        if self.guard.on_non_finite != "raise":
            return
        raise_at_once(self.guard, f"Epoch {self.guard.epoch}")

    def on_epoch_end(self, epoch, logs=None):
        """Tells; a mean of nothing is not a loss of 0."""
        numbers = self.guard.numbers()
        for fault in self.guard.faults(numbers):
            tell(f"Epoch {epoch + 1}: {fault}")
        if not numbers.causes:
            return
        self.guard.left_out += numbers.rows(epoch + 1)
        self.guard.counts.clear()
        tell(f"Epoch {epoch + 1}: {describe(numbers)}")
        for name in self.guard.means_of_nothing(numbers):
            if logs is not None and name in logs:
                logs[name] = math.nan


def tell_of_batch(guard):
    """Warns or raises after a step outside of `fit`.

    Args:
        guard: A `StepGuard`.

    Raises:
        ValueError: If that is what it is to do.
    """
    try:
        if guard.on_non_finite == "raise":
            raise_at_once(guard, "Batch")
        numbers = guard.numbers()
        if numbers.causes:
            tell(f"Batch: {describe(numbers)}")
    finally:
        guard.counts.clear()  # It is of no epoch.


def tell(text):
    """Warns, also of what was warned of before in the same words."""
    warnings.warn_explicit(text, UserWarning, __file__, 1, registry={})


def raise_at_once(guard, place):
    """Raises if the last step was left out for what is not finite.

    Args:
        guard: A `StepGuard`.
        place: Where in the training this is, for the message.

    Raises:
        ValueError: Naming task and step.
    """
    numbers = guard.numbers()
    if not set(numbers.causes) - {NO_LABEL}:
        return
    raise ValueError(
        f"{place}: {describe(numbers)} Look at the batch, lower the learning "
        "rate, or compile with on_non_finite='skip'."
    )


def describe(numbers):
    """What was left out, as sentences.

    Args:
        numbers: `Numbers` with at least one cause.

    Returns:
        String.

    Example:

    >>> from mtvision.training.guarding.step_counts import Numbers
    >>> print(describe(Numbers(100, 0, {"depth": (2, 17)}, [])))
    The loss or the gradient of task 'depth' was not finite in 2 of 100 \
steps, first in step 17. The task was left out of them.
    """
    place = "in {count} of {steps} steps, first in step {first}."
    parts = [
        f"{_WHATS.get(cause, _OF_TASK)} {place}".format(
            task=cause, count=count, steps=numbers.steps, first=first
        )
        for cause, (count, first) in numbers.causes.items()
    ]
    if numbers.skipped:
        parts.append(
            f"{numbers.skipped} of {numbers.steps} steps were skipped as a "
            "whole: weights, optimizer, seeds and metrics are as if they had "
            "not been."
        )
    elif set(numbers.causes) - {NO_LABEL}:
        parts.append("The task was left out of them.")
    return " ".join(parts)


_OF_TASK = "The loss or the gradient of task '{task}' was not finite"
_WHATS = {
    NO_LABEL: "There was no label of any task",
    OTHER: (
        "Though the losses were finite, a weight or another number of the "
        "model would have become infinite or NaN"
    ),
}
