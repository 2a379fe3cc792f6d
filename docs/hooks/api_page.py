"""Pages of the API: one a room, from docstrings."""

import importlib
import inspect

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
    group = ""
    for each in names:
        if each.group != group:
            group = each.group
            blocks.append(f"## {group.replace('_', ' ').capitalize()}")
        blocks.append(_entry(each, "###" if group else "##"))
    return "\n\n".join(blocks) + "\n"


def _contents(names):
    rows = [f"- [`{each.name}`](#{each.path}) {each.summary}" for each in names]
    # The style sheet knows the class.
    opening = '<div class="names" markdown>\n'
    return "\n".join([opening, *rows, "\n</div>"])


def _entry(each, level):
    blocks = [f"{level} {each.name} {{ #{each.path} }}"]
    if not callable(each.value):
        return "\n\n".join([*blocks, each.summary])
    blocks.append(_code(signature_text(each.name, each.value)))
    if inspect.isclass(each.value):
        blocks += _bases(each.value)
    blocks.append(docstring_markdown(inspect.getdoc(each.value) or ""))
    if inspect.isclass(each.value):
        blocks += _methods(each.value)
    return "\n\n".join(blocks)


def _code(text):
    return f"```python\n{text}\n```"


def _bases(cls):
    names = [f"`{base.__name__}`" for base in _public_bases(cls)]
    return [f"A kind of {', '.join(names)}."] if names else []


def _public_bases(cls):
    """The nearest bases that a user can import, of this package or Keras."""
    found = []
    for base in cls.__bases__:
        is_public = base in _exported() or base.__module__.startswith("keras.")
        found += [base] if is_public else _public_bases(base)
    return list(dict.fromkeys(found))


def _exported():
    return {
        each.value
        for room in rooms()
        for each in public_names(room)
        if inspect.isclass(each.value)
    }


def _methods(cls):
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
        blocks.append(f"**`{name}`**{{ .method }}")
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
