"""What every public name says of itself, as the site shows it."""

import doctest
import functools
import importlib
import inspect
import pathlib
import re

import pytest

import mtvision as mtv

ROOMS = sorted(
    path.parent.name
    for path in pathlib.Path(mtv.__file__).parent.glob("*/__init__.py")
)


def public(room):
    """Functions and classes that a room exports, by their paths."""
    module = importlib.import_module(f"mtvision.{room}")
    names = [name for name in dir(module) if not name.startswith("_")]
    found = {f"{room}.{name}": getattr(module, name) for name in names}
    return {path: value for path, value in found.items() if callable(value)}


@functools.cache
def examples_of(module):
    """Names in a module whose examples `pytest --doctest-modules` runs."""
    module = importlib.import_module(module)
    found = doctest.DocTestFinder(exclude_empty=True).find(module)
    return {test.name for test in found if test.examples}


def arguments(value):
    """Names of arguments, but those of a base that others document."""
    stars = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(value).parameters.values()
    names = {each.name for each in parameters if each.kind not in stars}
    bases = value.__mro__ if inspect.isclass(value) else ()
    for base in bases:
        if not base.__module__.startswith(("mtvision", "builtins", "abc")):
            return names - set(inspect.signature(base).parameters)
    return names


def described(value):
    text = inspect.cleandoc(value.__doc__ or "")
    sections = re.findall(
        r"^(?:Args|Attributes):\n((?:(?: .*)?\n)+)", text + "\n", re.M
    )
    names = re.findall(r"^ {4}(\w[\w, ]*): ", "".join(sections), re.M)
    return {word for name in names for word in name.split(", ")}


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_an_example_that_runs(room):
    without = [
        path
        for path, value in public(room).items()
        if f"{value.__module__}.{value.__qualname__}"
        not in examples_of(value.__module__)
    ]
    assert not without, f"add an Example to the docstrings of {without}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_argument_is_described(room):
    missing = {
        path: sorted(arguments(value) - described(value))
        for path, value in public(room).items()
    }
    missing = {path: names for path, names in missing.items() if names}
    assert not missing, f"describe in Args: {missing}"
