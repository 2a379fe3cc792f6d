"""What the processes of one training agree on: it is what the first one has."""

import keras

from mtvision.training.resuming import packing

if keras.backend.backend() == "jax":
    from mtvision.training import _jax
else:
    _jax = None


def is_first():
    """Whether this process writes the files: alone, or the first of several."""
    if _jax is None:
        return True
    processes, own = _jax.joined_processes()
    return own == min(processes)


def from_first(make):
    """What a function gives in the first process.

    Args:
        make: Function without arguments to a value, as for `packing.pack`. It
            is called in the first process alone.

    Returns:
        The value, in all processes.

    Raises:
        ValueError: In the others, if the function has raised in the first; or
            if the training is in some of the processes only.
    """
    if not _are_several():
        return make()
    packed, failure = b"", None
    if is_first():
        try:
            packed = b"".join(packing.pack({"value": make()}))
        except Exception as error:
            packed = b"".join(packing.pack({"error": str(error)}))
            failure = error
    told = _jax.from_first_process(packed)
    if failure is not None:
        raise failure
    told = packing.unpack(told)
    if "error" in told:
        raise ValueError(told["error"])
    return told["value"]


def check_whole(variables):
    """Raises if the first process lacks a part of a variable.

    Args:
        variables: List of `keras.Variable`.

    Raises:
        ValueError: Naming the variable.
    """
    split = [v.path for v in variables if _jax and _jax.is_split(v)]
    if split:
        raise ValueError(
            f"Resume cannot save the variable {split[0]}, which is split over "
            "processes. Split variables within a process only, or use "
            "keras.distribution.DataParallel."
        )


def _are_several():
    if _jax is None:
        return False
    processes, _ = _jax.joined_processes()
    count = _jax.count_processes()
    if len(processes) not in (1, count):
        raise ValueError(
            f"Resume expects a training in one process or in all {count} that "
            f"are connected, received one in the processes {processes}."
        )
    return len(processes) > 1
