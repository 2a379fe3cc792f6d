"""What callbacks remember, and which of them cannot go on."""

import keras

from mtvision.training.resuming import packing

# The attributes by which Keras' own remember; the rest are options.
KEPT = {
    keras.callbacks.EarlyStopping: (
        "wait",
        "best",
        "best_epoch",
        "best_weights",
        "stopped_epoch",
    ),
    keras.callbacks.ReduceLROnPlateau: ("wait", "best", "cooldown_counter"),
    keras.callbacks.ModelCheckpoint: ("best",),
}


def with_memory(callbacks):
    """Those that remember something from one epoch to the next.

    Args:
        callbacks: List of callbacks.

    Returns:
        List of those with methods `get_state` and `set_state`, and of those of
        Keras that are known to remember.
    """
    return [c for c in callbacks if _has_state(c) or _kept(c)]


def get_states(callbacks):
    """What callbacks remember.

    Args:
        callbacks: List, from `with_memory`.

    Returns:
        List of dicts, or of what their `get_state` gives.

    Raises:
        TypeError: If that cannot be kept in a file.
    """
    return [_get_state(callback) for callback in callbacks]


def set_states(callbacks, states):
    """Makes callbacks remember.

    Args:
        callbacks: List, from `with_memory`.
        states: List, from `get_states`.
    """
    for callback, state in zip(callbacks, states):
        if _has_state(callback):
            callback.set_state(state)
        else:
            for name in _kept(callback):
                setattr(callback, name, state[name])


def check_callbacks(callbacks):
    """Raises if a callback would lose what it has, or restore something else.

    Args:
        callbacks: List of callbacks.

    Raises:
        ValueError: Saying what to do.
    """
    for callback in callbacks:
        fault = _fault(callback)
        if fault is not None:
            raise ValueError(
                f"{type(callback).__name__} cannot go on with Resume: {fault}"
            )


def _fault(callback):
    known = keras.callbacks
    if isinstance(callback, known.BackupAndRestore):
        return "it restores another state. Leave it out."
    if isinstance(callback, known.CSVLogger) and not callback.append:
        return "it would empty its file. Use CSVLogger(..., append=True)."
    if isinstance(callback, known.SwapEMAWeights) and callback.swap_on_epoch:
        return (
            "whether the weights are swapped between epochs is not known "
            "afterwards. Use swap_on_epoch=False."
        )
    return None


def _get_state(callback):
    if not _has_state(callback):
        return {name: getattr(callback, name) for name in _kept(callback)}
    state = callback.get_state()
    try:
        packing.check(state)
    except TypeError as error:
        name = type(callback).__name__
        raise TypeError(f"{name}.get_state(): {error}") from None
    return state


def _has_state(callback):
    return hasattr(callback, "get_state") and hasattr(callback, "set_state")


def _kept(callback):
    for kind, names in KEPT.items():
        if isinstance(callback, kind):
            return names
    return ()
