"""The gradients of a model's tasks on one batch, looked at and not used."""

import keras

from mtvision.training.replicas import backend_steps


def measure_gradients(run, x, y, sample_weight):
    """Takes the tasks' gradients on one batch.

    Args:
        run: A model's `BalancedRun`, by which its calls now go.
        x: Inputs.
        y: Dict of truths by task.
        sample_weight: As for `fit`.

    Returns:
        The losses (T,) of the tasks times their loss weights, NaN without a
        label, and the inner products (T, T) of their gradients, as numpy.
    """
    _, step, _ = backend_steps.balance(run, x, y, sample_weight)
    labelled = step.active | step.broken
    losses = keras.ops.where(labelled, step.losses, float("nan"))
    return [keras.ops.convert_to_numpy(t) for t in (losses, step.gram)]
