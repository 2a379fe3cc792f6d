"""What a comparison trains, and what it was begun with."""

import pathlib
import re

import keras

from mtvision.balancing.balancer import Balancer
from mtvision.experiments.runs.command import this_command
from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.experiments.runs.keywords import accepted_keywords
from mtvision.experiments.runs.objectives import split_metric
from mtvision.experiments.runs.records import read_record, write_record
from mtvision.training.claimed import claimed

SUM = "sum"
ALONE = "alone"
FILE = "comparison.json"
LOCKS = "locks"


def method_values(methods, build):
    """The keywords of each method, the plain sum of the losses first.

    Args:
        methods: List of balancers, which are called as their classes; or dict
            from name to a balancer, to a dict of keywords, or to `None` for
            the plain sum.
        build: The function that some of the keywords go to.

    Returns:
        Dict from name to a dict of keywords.

    Raises:
        ValueError: If a name cannot be used, or comes twice.

    Example:

    >>> found = method_values([mtv.balancing.PCGrad()], lambda balancing: None)
    >>> list(found), found["sum"]
    (['sum', 'PCGrad'], {'balancing': None})
    """
    if not isinstance(methods, dict | list | tuple):
        raise ValueError(
            "Expected `methods` as a list of objects of mtvision.balancing, "
            f"or as a dict from names to them, received {methods!r}."
        )
    if not isinstance(methods, dict):
        for each in methods:
            _check_balancer(each)
        named = [(type(each).__name__, each) for each in methods]
        methods = dict(named)
        if len(methods) < len(named):
            raise ValueError(
                "Expected methods of different classes, received "
                f"{[name for name, _ in named]}. Name them: methods="
                '{"CAGrad, c=0.2": CAGrad(c=0.2), ...}.'
            )
    names, _ = accepted_keywords(build)
    plain = names is None or "balancing" in names
    plain = {"balancing": None} if plain else {}
    found = {SUM: plain}
    for name, method in methods.items():
        check_method_name(name)
        found[name] = plain | _keywords(name, method)
    if found[SUM] != plain:
        raise ValueError(
            f"The method {SUM!r} is the plain sum of the losses, received "
            f"{methods[SUM]!r}. Give yours another name."
        )
    return found


def check_method_name(name):
    """Raises unless a method's name can be that of a file.

    Args:
        name: What was given.

    Raises:
        ValueError: If it is no text, or has other signs.

    Example:

    >>> check_method_name("CAGrad, c=0.2")
    """
    fits = isinstance(name, str) and re.fullmatch(r"[\w ,.()=+-]+", name)
    if not fits or name == ALONE or name.startswith((f"{ALONE}-", ".")):
        raise ValueError(
            "Expected a method's name of letters, digits, spaces and "
            f"_ , . ( ) = + -, not {ALONE!r}, which is what tasks on their own "
            f"are called; received {name!r:.80}."
        )


def alone_groups(objectives, tasks):
    """Which tasks are trained alone: those that an objective is of.

    Args:
        objectives: Names of metrics.
        tasks: Names of the model's tasks.

    Returns:
        Dict from task to a list of itself.

    Example:

    >>> alone_groups(["a_accuracy", "AP"], ["a", "b"])
    {'a': ['a']}
    """
    found = [task_of(name, tasks) for name in objectives]
    return {task: [task] for task in dict.fromkeys(found) if task}


def task_of(name, tasks):
    """The task of a metric, or `None`."""
    try:
        return split_metric(name, tasks)[0]
    except ValueError:
        return None


def check_groups(groups, tasks):
    """Raises unless what is to be trained alone are tasks of the model.

    Args:
        groups: Dict from name to a list of tasks.
        tasks: Names of the model's tasks.

    Raises:
        ValueError: Naming the ones that are not.
    """
    for name, members in groups.items():
        unknown = sorted({*members} - {*tasks})
        if isinstance(members, str) or unknown or not members:
            raise ValueError(
                f"Expected `alone` as lists of some of the tasks {tasks}, "
                f"received {members!r} for {name!r}."
            )


def remember(folder, settings):
    """Writes what a comparison does; raises if it did something else.

    More methods, tasks and seeds may join it, and other objectives be read
    from what was measured.

    Args:
        folder: Of the comparison.
        settings: Dict of `epochs`, `split`, `seeds`, `objectives`, `methods`
            and `alone` (the last two dicts by name).

    Returns:
        The settings, with the methods and tasks of earlier calls.

    Raises:
        ValueError: If the epochs, the split, the backend, or what a name
            stands for were others.
    """
    path = pathlib.Path(folder) / FILE
    settings = settings | {
        "name": pathlib.Path(folder).name,
        "backend": keras.backend.backend(),
        "command": this_command(),
        "shown": list(settings["methods"]),
    }
    settings = describe_value(settings)
    with claimed(path.parent / LOCKS / f"{path.stem}.lock", wait=True):
        before = read_record(path)
        if before is not None:
            _check_same(before, settings, path)
            for kind in ("methods", "alone"):
                settings[kind] = before[kind] | settings[kind]
        write_record(path, settings)
    return settings


def run_path(folder, name, seed):
    """The file of a run.

    Args:
        folder: Of the comparison.
        name: Of the method, or `alone-` and the name of a task.
        seed: Whole number.

    Returns:
        Path.
    """
    return pathlib.Path(folder) / "runs" / f"{name}-{seed}.json"


def _keywords(name, method):
    if method is None:
        return {}
    if isinstance(method, dict):
        return method
    _check_balancer(method, f" {name!r}", ", or as a dict of keywords")
    return {"balancing": method}


def _check_balancer(method, name="", other=""):
    if isinstance(method, Balancer):
        return
    is_class = isinstance(method, type)
    remedy = " A class needs brackets: PCGrad()." if is_class else ""
    raise ValueError(
        f"Expected the method{name} as an object of mtvision.balancing"
        f"{other}, received {method!r}.{remedy}"
    )


def _check_same(before, now, path):
    """Raises with all that differs."""
    differences = [
        f"{name}: {before.get(name)!r}, now {now[name]!r}"
        for name in ("epochs", "split", "backend")
        if before.get(name) != now[name]
    ]
    differences += [
        f"{kind} {name!r}: {before[kind][name]!r}, now {each!r}"
        for kind in ("methods", "alone")
        for name, each in now[kind].items()
        if before[kind].get(name, each) != each
    ]
    if differences:
        raise ValueError(
            f"The comparison of {path} was begun with "
            f"{'; '.join(differences)}. Give this one another `name`, or "
            "delete the folder to begin anew."
        )
