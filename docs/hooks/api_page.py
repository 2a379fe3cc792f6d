"""Pages of the API: one a room, from docstrings."""

import functools
import importlib
import inspect
import itertools

import keras
from docstring_sections import docstring_markdown
from public_names import PACKAGE, public_names, rooms
from signature_text import signature_text


def index_table():
    """A table of the rooms."""
    rows = ["| room | what lives there |", "| --- | --- |"]
    for room in rooms():
        module = importlib.import_module(f"{PACKAGE}.{room}")
        first = " ".join(module.__doc__.split("\n\n")[0].split())
        rows.append(f"| [`{PACKAGE}.{room}`]({room}.md) | {first} |")
    return "\n".join(rows)


def room_page(room):
    """The page of a room.

    Args:
        room: Its name.

    Returns:
        Markdown.
    """
    module = importlib.import_module(f"{PACKAGE}.{room}")
    names = public_names(room)
    blocks = [f"# {PACKAGE}.{room}", docstring_markdown(module.__doc__)]
    blocks.append(_contents(names))
    for group, members in itertools.groupby(names, lambda each: each.group):
        if group:
            folder = importlib.import_module(f"{module.__name__}.{group}")
            about = docstring_markdown(inspect.getdoc(folder) or "")
            blocks += [f"## {_title(group)}", about]
        level = "###" if group else "##"
        blocks += [_entry(each, level) for each in members]
    return "\n\n".join(blocks) + "\n"


def _title(group):
    return group.replace("_", " ").capitalize().replace("Yolo", "YOLO")


def _contents(names):
    # The style sheet knows the class.
    rows = ['<div class="names" markdown>']
    for group, members in itertools.groupby(names, lambda each: each.group):
        rows += ["", f"**{_title(group)}**" if group else "", ""]
        for each in members:
            rows.append(f"- [`{each.name}`](#{each.path}) {each.summary}")
    return "\n".join([*rows, "\n</div>"])


def _entry(each, level):
    blocks = [f"{level} {each.name} {{ #{each.path} }}"]
    if not callable(each.value):
        return "\n\n".join([*blocks, _code(_constant(each))])
    blocks.append(_code(signature_text(each.name, each.value)))
    if inspect.isclass(each.value):
        blocks += _bases(each.value)
    blocks.append(docstring_markdown(inspect.getdoc(each.value) or ""))
    if inspect.isclass(each.value):
        blocks += _methods(each.value, each.path)
    return "\n\n".join(blocks)


def _constant(each):
    """A value as Python; a named tuple with one field a line."""
    if not hasattr(each.value, "_asdict"):
        return f"{each.name} = {each.value!r}"
    fields = [f"    {k}={v!r}," for k, v in each.value._asdict().items()]
    kind = type(each.value).__name__
    return "\n".join([f"{each.name} = {kind}(", *fields, ")"])


def _code(text):
    return f"```python\n{text}\n```"


def _bases(cls):
    names = [f"`{_name_of(base)}`" for base in _public_bases(cls)]
    return [f"A kind of {', '.join(names)}."] if names else []


def _name_of(base):
    """Where a user finds a class, if it is one of Keras'."""
    for folder in (keras.layers, keras.losses, keras.metrics, keras):
        if getattr(folder, base.__name__, None) is base:
            return f"{folder.__name__}.{base.__name__}"
    return base.__name__


def _public_bases(cls):
    """The nearest bases that a user can import, of this package or Keras."""
    found = []
    for base in cls.__bases__:
        is_public = base in _exported() or base.__module__.startswith("keras.")
        found += [base] if is_public else _public_bases(base)
    return list(dict.fromkeys(found))


@functools.cache
def _exported():
    return {
        each.value
        for room in rooms()
        for each in public_names(room)
        if inspect.isclass(each.value)
    }


def _methods(cls, path):
    """Methods that a base does not document, or documents otherwise."""
    blocks = []
    for name, value in sorted(_own_members(cls).items()):
        text = inspect.getdoc(value) or ""
        call = f"{cls.__name__}.{name}"
        if callable(value):
            static = isinstance(
                inspect.getattr_static(cls, name), staticmethod | classmethod
            )
            code = signature_text(call, value, is_method=not static)
        else:
            code = call
        mark = f"{{ .method #{path}.{name} }}"
        blocks.append(f"**`{name}`**{mark}")
        blocks += [_code(code), docstring_markdown(text)]
    return blocks


def _own_members(cls):
    bases = _public_bases(cls)
    found = {}
    for name in dir(cls):
        value = getattr(cls, name)
        is_member = inspect.isroutine(value) or isinstance(value, property)
        owner = _owner(cls, name)
        if name.startswith("_") or not is_member or owner is None:
            continue
        is_known = any(hasattr(base, name) for base in bases)
        if owner.__doc__ is None and not value.__doc__:
            continue
        if not is_known or (owner is cls and "Args:" in (value.__doc__ or "")):
            found[name] = value
    return found


def _owner(cls, name):
    """The class of this package that defines a member, or `None`."""
    for base in cls.__mro__:
        if name in vars(base):
            return base if base.__module__.startswith(PACKAGE) else None
    return None
