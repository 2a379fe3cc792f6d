"""The Python file that a command is given, and the names in it."""

import contextlib
import importlib.util
import inspect
import pathlib
import sys
import traceback
import types

from mtvision.command_line.usage_error import UsageError
from mtvision.experiments.runs.keywords import accepted_keywords, call_with


def read_script(path):
    """Runs a Python file as an import does, not as `python FILE` does.

    What stands below `if __name__ == "__main__":` is not run. Modules beside
    the file can be imported, as usual.

    Args:
        path: Of the file.

    Returns:
        Dict of what it names.

    Raises:
        UsageError: If there is no such file, or it raises.
    """
    path = pathlib.Path(path)
    if path.suffix != ".py" or not path.is_file():
        raise UsageError(f"Expected a Python file, but {path} is none.")
    name = path.stem if path.stem not in sys.modules else f"_{path.stem}_"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent.absolute()))
    try:
        with _command_line(str(path)):
            spec.loader.exec_module(module)
    except SystemExit as error:
        raise UsageError(
            f"{path} ends the program while it is read. Put what it runs "
            'below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        raise UsageError(error_text(error, path)) from error
    return vars(module)


def arguments_of(function, names, given, path):
    """The arguments of a function that a file names.

    Args:
        function: Whose they are.
        names: Dict of what the file names.
        given: Dict of arguments that win over those of the file.
        path: Of the file, for the message.

    Returns:
        Dict of values by the name of the argument.

    Raises:
        UsageError: If one without a default is not there.
    """
    parameters = inspect.signature(function).parameters
    found = {
        name: names[name]
        for name in parameters
        if name in names and not isinstance(names[name], types.ModuleType)
    } | given
    lacking = [
        name
        for name, one in parameters.items()
        if one.default is inspect.Parameter.empty and name not in found
    ]
    if lacking:
        raise UsageError(
            f"{path} lacks {_listed(lacking)}, which `{function.__name__}` "
            f"needs; of its arguments it names {_listed(sorted(found))}. "
            f"`python -m mtvision {function.__name__} --help` shows a whole "
            "file."
        )
    return found


def call_alone(function, label, path):
    """Calls a function of a file with its defaults, and a seed of 0.

    Args:
        function: What the file names so, or data instead.
        label: Its name.
        path: Of the file.

    Returns:
        What it returns; data as they are.

    Raises:
        UsageError: If it cannot do without a keyword.
    """
    if not callable(function):
        return function
    needed = accepted_keywords(function)[1] - {"seed"}
    if needed:
        raise UsageError(
            f"`{label}` of {path} is called without keywords here, but needs "
            f"{_listed(sorted(needed))}. Give them defaults, as in "
            f"`def {label}({sorted(needed)[0]}=None)`."
        )
    return call_with(function, {"seed": 0})


def error_text(error, path=None):
    """One line about an error, with its place in the user's own file.

    Args:
        error: What was raised.
        path: Of that file, or `None`.

    Returns:
        String.
    """
    text = str(error) or type(error).__name__
    if not isinstance(error, _PLAIN):
        text = f"{type(error).__name__}: {text.splitlines()[0]}"
    if getattr(error, "name", None) == "optuna":
        text += '. Searches need it: pip install -e ".[experiments]"'
    frames = traceback.extract_tb(error.__traceback__)
    own = path and str(pathlib.Path(path).absolute())
    lines = [frame.lineno for frame in frames if frame.filename == own]
    return f"{path}, line {lines[-1]}: {text}" if lines else text


# Their own words say what is wrong.
_PLAIN = UsageError, ValueError, RuntimeError, ImportError, OSError, SyntaxError


def _listed(names):
    return ", ".join(f"`{name}`" for name in names) or "none"


@contextlib.contextmanager
def _command_line(path):
    """A file that reads its own options gets none of this command's."""
    before = sys.argv
    sys.argv = [path]
    try:
        yield
    finally:
        sys.argv = before
