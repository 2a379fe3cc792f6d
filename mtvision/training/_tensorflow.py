"""The training step with balanced gradients, on TensorFlow."""

import keras
import tensorflow as tf

from mtvision.training.balanced_run import extra_loss
from mtvision.training.balanced_step import (
    add_gradients,
    balanced_gradients,
    sources,
    variables,
)


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
    """The gradients of one batch.

    Args:
        run: The model's `BalancedRun`.
        x: Inputs.
        y: Dict of truths by task.
        sample_weight: As for `fit`.

    Returns:
        List of gradients of `variables`, the `Balanced` step, and the
        predictions.
    """
    graph = run.graph
    with tf.GradientTape(persistent=True) as tape:
        forks, copies, y_pred = run.call_with_forks(x, tf.identity)
        losses, present = run.measure(y, y_pred, sample_weight)
        scale = run.model.optimizer.scale_loss(tf.ones(()))
        scaled = [loss * scale for loss in losses]
        extra = extra_loss(run.model)
        scaled_extra = None if extra is None else extra * scale
    trunk, others = (
        [variable.value for variable in group]
        for group in (graph.trunk_variables, sources(graph))
    )
    rows = [_gradients(tape, loss, copies + others) for loss in scaled]

    def pull(slopes):
        used = [(f, s) for f, s in zip(forks, slopes) if s is not None]
        tensors, slopes = zip(*used)
        return _gradients(tape, tensors, trunk, slopes)

    gradients, step = balanced_gradients(
        graph, run.balancer, rows, pull, losses, present, scale
    )
    if extra is not None:
        more = _gradients(tape, scaled_extra, trunk + others)
        gradients = add_gradients(gradients, more)
        step.extra_loss = extra
    return gradients, step, y_pred


def _gradients(tape, outputs, tensors, slopes=None):
    """Gradients of all tensors, `None` for those that have none."""
    found = tape.gradient(outputs, tensors, output_gradients=slopes)
    # Those of an embedding are sparse.
    return [None if g is None else tf.convert_to_tensor(g) for g in found]
