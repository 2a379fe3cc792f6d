"""The training step with balanced gradients, on PyTorch."""

import keras
import torch
from keras import ops

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
    with torch.no_grad():
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
    forks, copies, y_pred = run.call_with_forks(x, lambda t: t.view_as(t))
    losses, present = run.measure(y, y_pred, sample_weight)
    scale = run.model.optimizer.scale_loss(ops.ones(()))
    trunk, others = (
        [variable.value for variable in group]
        for group in (graph.trunk_variables, sources(graph))
    )
    rows = [
        _gradients(loss * scale, copies + others, keep=True) for loss in losses
    ]
    extra = extra_loss(run.model)
    scaled_extra = None if extra is None else extra * scale

    def pull(slopes):
        used = [(f, s) for f, s in zip(forks, slopes) if s is not None]
        tensors, slopes = zip(*used)
        return _gradients(tensors, trunk, slopes, keep=True)

    with torch.no_grad():
        losses = [loss.detach() for loss in losses]
        gradients, step = balanced_gradients(
            graph, run.balancer, rows, pull, losses, present, scale
        )
        if extra is not None:
            more = _gradients(scaled_extra, trunk + others)
            gradients = add_gradients(gradients, more)
            step.extra_loss = extra.detach()
    return gradients, step, y_pred


def _gradients(outputs, tensors, slopes=None, keep=False):
    """Gradients of all tensors, `None` for those that have none."""
    wanted = [tensor for tensor in tensors if tensor.requires_grad]
    with torch.enable_grad():
        found = torch.autograd.grad(
            outputs, wanted, slopes, retain_graph=keep, allow_unused=True
        )
    found = iter(found)
    return [next(found) if t.requires_grad else None for t in tensors]
