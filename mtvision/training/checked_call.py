"""Calls of Keras' methods with their data checked."""

import contextlib

from mtvision.training.balancing_callback import (
    BalancingCallback,
    with_callback,
)
from mtvision.training.checked_arguments import (
    check_data,
    check_validation_data,
)
from mtvision.training.checked_data import CheckedData
from mtvision.training.data_epochs import follow_epochs
from mtvision.training.guarding.guard_callback import GuardCallback
from mtvision.training.recovery import keep_variables
from mtvision.training.resuming.find_resume import find_resume
from mtvision.training.resuming.training_state import build_optimizer


class CheckedCall:
    """A method of a model that trains or measures it.

    Args:
        model: A compiled `MultiTaskModel`.
        method: Keras' method.
        tasks: The model's `CompiledTasks`.
        guard: The model's `StepGuard`.
        balanced: The model's `BalancedRun`, or `None`.
    """

    def __init__(self, model, method, tasks, guard, balanced):
        self.model, self.method = model, method
        self.guard, self.balanced = guard, balanced
        self.trained = CheckedData(tasks, model)
        self.measured = CheckedData(tasks, model, "Validation data")
        self.name = method.__name__
        if self.name in ("fit", "train_on_batch"):
            build_optimizer(model)
            self.trained.unchecked_inputs = guard.unchecked_inputs()

    def run(self, given):
        """Calls the method.

        Args:
            given: Dict of arguments.

        Returns:
            What the method returns.

        Raises:
            ValueError: Naming task and sample.
        """
        with contextlib.ExitStack() as stack:
            if self.name == "fit":
                given = self._arguments_of_fit(given, stack)
            given = check_data(given, self.trained)
            given = check_validation_data(given, self.measured)
            stack.enter_context(keep_variables(self.model))
            stack.enter_context(self.trained.raising())
            stack.enter_context(self.measured.raising())
            return self.method(**given)

    def _arguments_of_fit(self, given, stack):
        """Arguments with the callbacks that `fit` needs, and its data."""
        callbacks = given.get("callbacks")
        if self.balanced is not None:
            own = BalancingCallback(self.balanced)
            callbacks = with_callback(callbacks, own)
        callbacks = with_callback(callbacks, GuardCallback(self.guard))
        resume, callbacks = find_resume(callbacks)
        given = {**given, "callbacks": callbacks}
        if resume is None:
            return follow_epochs(given)
        if given.get("y") is not None:
            given = check_data(given, self.trained)
        return stack.enter_context(resume.session(self.model, given))
