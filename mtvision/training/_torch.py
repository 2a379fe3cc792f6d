"""The training step with balanced gradients, on PyTorch."""

import contextlib

import keras
import torch

from mtvision.training.balanced_step import balance_recorded, variables


def sum_over_replicas(tensor):
    """The tensor: Keras trains on one device."""
    return tensor


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
    """See `balance_recorded`."""
    return balance_recorded(
        run,
        x,
        y,
        sample_weight,
        record=contextlib.nullcontext,
        copy=lambda tensor: tensor.view_as(tensor),
        gradients=_gradients,
    )


def _gradients(_, outputs, tensors, slopes):
    """Gradients of all tensors, `None` for those that have none."""
    wanted = [tensor for tensor in tensors if tensor.requires_grad]
    found = torch.autograd.grad(
        outputs, wanted, slopes, retain_graph=True, allow_unused=True
    )
    found = iter(found)
    return [next(found) if t.requires_grad else None for t in tensors]
