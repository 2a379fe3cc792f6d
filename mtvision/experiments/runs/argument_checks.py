"""Checks of the arguments that `search` and `compare` have in common."""

import pathlib

import keras

from mtvision.ops.option_checks import require_count


def check_arguments(build, train, epochs, name, folder, callbacks, verbose):
    """Raises if an argument cannot be right, before anything is trained.

    Args:
        build: As for `search`.
        train: Likewise.
        epochs: Likewise.
        name: Likewise.
        folder: Likewise.
        callbacks: Likewise.
        verbose: Likewise.

    Raises:
        ValueError: Naming the argument.

    Example:

    >>> check_arguments(dict, ((), {}), 1, "digits", "runs", (), 0)
    """
    if not callable(build):
        raise ValueError(
            "Expected `build` as a function of keywords to a compiled "
            f"MultiTaskModel, received {build!r}."
        )
    if train is None:
        raise ValueError(
            "Expected as `train` data that `fit` takes, or a function that "
            "makes them, received None."
        )
    require_count(epochs, 1, "epochs")
    require_count(verbose, 0, "verbose")
    check_name(name)
    if not isinstance(folder, str | pathlib.PurePath):
        raise ValueError(f"Expected `folder` as a path, received {folder!r}.")
    check_callbacks(callbacks)


def check_name(name):
    """Raises unless a name can be that of a folder.

    Args:
        name: What was given.

    Raises:
        ValueError: If it is not.

    Example:

    >>> check_name("digits")
    """
    fits = isinstance(name, str) and 0 < len(name) < 100
    if not fits or pathlib.PurePath(name).name != name or name == "..":
        raise ValueError(
            f"Expected a name that a folder can have, received {name!r}."
        )


def check_callbacks(callbacks):
    """Raises unless callbacks are a list of them, or a function.

    Args:
        callbacks: What was given, or what a function of a run's name returned.

    Raises:
        ValueError: If they are not.

    Example:

    >>> check_callbacks([keras.callbacks.TerminateOnNaN()])
    """
    kind = keras.callbacks.Callback
    if callable(callbacks) and not isinstance(callbacks, kind):
        return
    listed = isinstance(callbacks, list | tuple)
    if not listed or not all(isinstance(each, kind) for each in callbacks):
        raise ValueError(
            "Expected `callbacks` as a list of Keras callbacks, or as a "
            "function of a run's name to one, which makes new ones for each "
            f"run; received {callbacks!r}."
        )


def check_seeds(seeds):
    """The seeds that a number of them, or a list, stands for.

    Args:
        seeds: Whole number, or a list of different ones from 0 on.

    Returns:
        List of whole numbers.

    Raises:
        ValueError: If it is neither.

    Example:

    >>> check_seeds(2), check_seeds([7])
    ([0, 1], [7])
    """
    try:
        found = list(seeds) if hasattr(seeds, "__len__") else seeds
        if not isinstance(found, list):
            require_count(found, 1, "seeds")
            return list(range(found))
        for seed in found:
            require_count(seed, 0, "seeds")
        found = [int(seed) for seed in found]
    except ValueError:
        found = []
    if not found or len(set(found)) < len(found):
        raise ValueError(
            "Expected the number of seeds, or a list of different whole "
            f"numbers from 0 on, received {seeds!r}."
        )
    return found
