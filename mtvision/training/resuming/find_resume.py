"""Finds the callback that resumes among those of `fit`."""

import keras

from mtvision.training.resuming.resume import BeforeSteps, Resume


def find_resume(callbacks):
    """The `Resume` among callbacks, which then comes last.

    It must see what the others have done, and Keras' `History`.

    Args:
        callbacks: As for `fit`.

    Returns:
        The `Resume`, or `None`, and the callbacks; with it, a list that holds
        a `BeforeSteps` and a `History` too.

    Raises:
        ValueError: If there are two, or they are in a `CallbackList`.
    """
    flat = getattr(callbacks, "callbacks", callbacks)
    flat = [] if flat is None else keras.tree.flatten(flat)
    found = [c for c in flat if isinstance(c, Resume)]
    if not found:
        return None, callbacks
    if len(found) > 1 or isinstance(callbacks, keras.callbacks.CallbackList):
        raise ValueError(
            "Expected one Resume in a list of callbacks, received "
            f"{len(found)} in a {type(callbacks).__name__}."
        )
    others = [c for c in flat if c is not found[0]]
    if not any(isinstance(c, keras.callbacks.History) for c in others):
        others.append(keras.callbacks.History())
    return found[0], [BeforeSteps(found[0]), *others, found[0]]
