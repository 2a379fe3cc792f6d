"""All that a model's training is at, read and written as one nested dict."""

import random

import keras
import numpy as np

if keras.backend.backend() == "torch":
    from mtvision.training import _torch
else:
    _torch = None
if keras.backend.backend() == "tensorflow":
    from mtvision.training import _tensorflow
else:
    _tensorflow = None


def build_optimizer(model):
    """Creates the variables of a model's optimizer, as Keras' `fit` would.

    Args:
        model: A compiled `keras.Model`.
    """
    if model.optimizer.built:
        return
    strategy = getattr(model, "distribute_strategy", None)
    if strategy is None:
        model.optimizer.build(model.trainable_variables)
        return
    with strategy.scope():
        model.optimizer.build(model.trainable_variables)


def get_variables(model):
    """The values of all variables that a training step changes.

    Args:
        model: A compiled `keras.Model`, maybe in the midst of `fit`.

    Returns:
        Dict of lists of numpy arrays. Where the replicas of a model may
        differ, an array has theirs along a first axis.
    """
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()  # They are inside of the compiled step.
    return {
        name: [_get(slots) for slots in group]
        for name, group in _slots(model).items()
    }


def set_variables(model, values):
    """Gives the variables their values.

    Args:
        model: A compiled `keras.Model`.
        values: From `get_variables`.

    Raises:
        ValueError: If a variable has another shape, or there are others.
    """
    for name, group in _slots(model).items():
        shapes = [_shape(slots) for slots in group]
        saved = [value.shape for value in values[name]]
        if shapes != saved:
            raise ValueError(
                f"Expected variables of the {name} of the shapes {saved}, as "
                f"they were saved, received {shapes}."
            )
        for slots, value in zip(group, values[name]):
            _set(slots, value)


def get_random():
    """The states of the global random numbers of Python, numpy, PyTorch."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "torch": _torch.get_random() if _torch else None,
    }


def set_random(states):
    """Sets what `get_random` has given."""
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    if _torch:
        _torch.set_random(states["torch"])


def seed_epoch(seed, epoch):
    """Gives each epoch PyTorch's random numbers of its own.

    Between epochs, PyTorch and Keras draw some, more or less of them.

    Args:
        seed: Whole number.
        epoch: Number of the epoch.
    """
    if _torch:
        state = np.random.SeedSequence([seed, epoch]).generate_state(1)
        _torch.seed_random(int(state[0]))


def _slots(model):
    """Where the values are: lists, by group, with slots for each variable.

    A slot is a list of variables that are equal. There is one, or one for each
    replica where they may differ: not in what the optimizer changes.
    """
    strategy = getattr(model, "distribute_strategy", None)
    if getattr(strategy, "num_replicas_in_sync", 1) == 1:
        return {k: [[[v]] for v in vs] for k, vs in _groups(model).items()}

    def slots(name, variable):
        local = _tensorflow.local_variables(strategy, variable)
        if variable.trainable or name == "optimizer":
            return [local]
        return [[variable] for variable in local]

    return {k: [slots(k, v) for v in vs] for k, vs in _groups(model).items()}


def _get(slots):
    values = [_numpy(slot[0]) for slot in slots]
    return np.stack(values) if len(values) > 1 else values[0]


def _set(slots, value):
    for slot, part in zip(slots, value if len(slots) > 1 else [value]):
        for variable in slot:
            variable.assign(part)


def _shape(slots):
    shape = tuple(slots[0][0].shape)
    return (len(slots), *shape) if len(slots) > 1 else shape


def _numpy(variable):
    if isinstance(variable, keras.Variable):
        variable = variable.value
    return keras.ops.convert_to_numpy(variable)


def _groups(model):
    """Lists of variables, each variable in the first of them only."""
    groups = {
        "model": model.variables,
        "optimizer": model.optimizer.variables,
        "metrics": model.metrics_variables,
    }
    seen, found = set(), {}
    for name, group in groups.items():
        found[name] = [v for v in group if id(v) not in seen]
        seen |= {id(v) for v in group}
    return found
