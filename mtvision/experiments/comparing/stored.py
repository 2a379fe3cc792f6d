"""What the files of a comparison hold, which strangers may have made."""

import math
import pathlib
import warnings

from mtvision.experiments.comparing.comparison_plan import check_method_name
from mtvision.experiments.runs.records import read_record

KINDS = {
    "name": str,
    "objectives": dict,
    "epochs": int,
    "seeds": list,
    "split": str,
    "methods": dict,
    "alone": dict,
    "shown": list,
    "backend": str,
    "command": str | None,
}
MOST_SEEDS = 10_000
# Of larger numbers, means and squares would not be finite.
LARGEST = 1e100


def check_settings(settings, path):
    """Raises unless settings are as `comparison_plan.remember` writes them.

    Args:
        settings: Dict, from a file.
        path: Of the file.

    Raises:
        ValueError: Naming the file, and what is wrong in it.
    """
    wrong = [
        name
        for name, kind in KINDS.items()
        if name not in settings or not isinstance(settings[name], kind)
    ]
    if wrong:
        raise ValueError(
            f"{path}: expected what `compare` writes; {wrong} is missing or of "
            "another kind."
        )
    seeds, directions = settings["seeds"], settings["objectives"].values()
    if len(seeds) > MOST_SEEDS or not all(type(s) is int for s in seeds):
        raise ValueError(
            f"{path}: expected `seeds` as {MOST_SEEDS} whole numbers at most."
        )
    if not all(each in ("maximize", "minimize") for each in directions):
        raise ValueError(
            f"{path}: expected `objectives` as maximize or minimize by name."
        )
    for name in settings["shown"]:
        check_method_name(name)
    for name in settings["alone"]:
        if pathlib.PureWindowsPath(name).name != name or "\0" in name:
            raise ValueError(
                f"{path}: expected the name of a task in `alone`, received "
                f"{name!r:.80}."
            )


def read_run(path, split):
    """Reads the record of a run.

    Args:
        path: Of the file.
        split: The split whose numbers are needed.

    Returns:
        Dict, or `None` if there is no such file, or none of a run: then with a
        warning that names it.
    """
    record = read_record(path)
    fault = None if record is None else run_fault(record, split)
    if fault is None:
        return record
    warnings.warn(
        f"{path} is no record of a run ({fault}); it counts as missing.",
        stacklevel=2,
    )
    return None


def run_fault(record, split):
    """What keeps a record from being one of a run.

    Args:
        record: Dict, from a file.
        split: The split whose numbers are needed.

    Returns:
        Text, or `None` if it is one.

    Example:

    >>> run_fault({"name": "sum", "seed": "first"}, "test")
    '`seed` is missing or of another kind'
    """
    checks = {"name": _is_text, "seed": _is_whole}
    if "error" in record:
        checks |= {"error": _is_text, "traceback": _is_text}
    else:
        checks |= {
            "alone": _are_names,
            "tasks": lambda value: value is not None and _are_names(value),
            "step_seconds": lambda value: value is None or _is_number(value),
            "parameters": _is_whole,
            "validation": _are_numbers,
            split: _are_numbers,
        }
    for name, check in checks.items():
        if name not in record or not check(record[name]):
            return f"`{name}` is missing or of another kind"
    kinds = {"history": dict, "conflicts": list, "versions": dict}
    for name, kind in kinds.items():
        if record.get(name) is not None and not isinstance(record[name], kind):
            return f"`{name}` is of another kind"
    return None


def _is_text(value):
    return isinstance(value, str)


def _is_whole(value):
    return type(value) is int and abs(value) < LARGEST


def _is_number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return True
    return type(value) in (int, float) and abs(value) <= LARGEST


def _are_names(value):
    return value is None or (
        isinstance(value, list) and all(map(_is_text, value))
    )


def _are_numbers(value):
    return isinstance(value, dict) and all(map(_is_number, value.values()))
