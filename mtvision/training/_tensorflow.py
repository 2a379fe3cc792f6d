"""The training step with balanced gradients, on TensorFlow."""

import functools

import keras
import tensorflow as tf

from mtvision.training.balanced_step import balance_recorded, variables


def sum_over_replicas(tensor):
    """Sums a tensor over the replicas of a `tf.distribute.Strategy`."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return tensor
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensor)


def train_step(run, data):
    """One step of `fit`.

    Args:
        run: The model's `BalancedRun`.
        data: A batch.

    Returns:
        Dict of scalars by name.
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    gradients, step, y_pred = balance(run, x, y, sample_weight)
    run.model.optimizer.apply(gradients, variables(run.graph))
    return run.logs(x, y, y_pred, sample_weight, step)


def balance(run, x, y, sample_weight):
    """See `balance_recorded`."""
    return balance_recorded(
        run,
        x,
        y,
        sample_weight,
        record=functools.partial(tf.GradientTape, persistent=True),
        copy=tf.identity,
        gradients=_gradients,
    )


def _gradients(tape, outputs, tensors, slopes):
    """Gradients of all tensors, `None` for those that have none."""
    found = tape.gradient(outputs, tensors, output_gradients=slopes)
    # Those of an embedding are sparse.
    return [None if g is None else tf.convert_to_tensor(g) for g in found]
