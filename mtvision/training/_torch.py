"""The training step with balanced gradients, on PyTorch."""

import contextlib
import itertools

import keras
import torch

from mtvision.training.balanced_step import balance_recorded, variables


def check_devices(model):
    """Raises in a group of processes, which Keras would not synchronise.

    Args:
        model: Any.

    Raises:
        RuntimeError: If there is a group of two processes at least.
    """
    group = torch.distributed
    if not group.is_available() or not group.is_initialized():
        return
    processes = group.get_world_size()
    if processes > 1:
        raise RuntimeError(
            f"There is a PyTorch process group of {processes} processes, but "
            "Keras trains each of them by itself, without averaging their "
            "gradients. End the group to train in one process, or set "
            "KERAS_BACKEND=jax and use keras.distribution.DataParallel."
        )


def count_replicas():
    """1: Keras trains on one device."""
    return 1


def first_row(size):
    """0: Keras trains on one device."""
    return 0


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


def guarded_step(guard, step, data):
    """One step of `fit`, of which what is not finite is taken back.

    Args:
        guard: The model's `StepGuard`.
        step: Function of the data.
        data: A batch.

    Returns:
        Dict of scalars by name.
    """
    guard.begin()
    before = {id(v): v.value.detach().clone() for v in guard.everything()}
    random = get_random()
    logs = step(data)
    with torch.no_grad():
        # Sums are quick to look at; they may overflow where all is finite.
        sums = [variable.value.sum() for variable in guard.state()]
        is_finite = bool(torch.stack(sums).isfinite().all())
        undone, groups = zip(*guard.judge(before, is_finite=is_finite))
        undone = torch.stack(undone).tolist()  # one wait for the device
        for group in itertools.compress(groups, undone):
            for variable, value in group:
                variable.assign(value)
    if undone[0]:  # the whole step
        set_random([state.numpy() for state in random])
    return guard.logs(None if any(undone) else logs)


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


def get_random():
    """The states of PyTorch's global random numbers, on CPU and GPUs.

    Dropout without a seed of its own draws from them.

    Returns:
        List of tensors.
    """
    return [torch.get_rng_state(), *torch.cuda.get_rng_state_all()]


def set_random(states):
    """Sets what `get_random` has given.

    Args:
        states: List of uint8 arrays.
    """
    cpu, *others = map(torch.from_numpy, states)
    torch.set_rng_state(cpu)
    torch.cuda.set_rng_state_all(others)


def seed_random(seed):
    """Makes PyTorch's global random numbers begin anew.

    Args:
        seed: Whole number.
    """
    torch.manual_seed(seed)


def _gradients(_, outputs, tensors, slopes):
    """Gradients of all tensors, `None` for those that have none."""
    if isinstance(outputs, torch.Tensor) and not outputs.requires_grad:
        return [None] * len(tensors)  # a loss that depends on no weight
    wanted = [tensor for tensor in tensors if tensor.requires_grad]
    found = torch.autograd.grad(
        outputs, wanted, slopes, retain_graph=True, allow_unused=True
    )
    found = iter(found)
    return [next(found) if t.requires_grad else None for t in tensors]
