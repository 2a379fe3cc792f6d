"""The names of the classes of YOLO's files."""

import collections.abc
import pathlib
import re

from mtvision.data.readers.text_files import read_text

FORMS = "names: [cat, dog], or a line `- cat` or `0: cat` for each"


def class_names(names):
    """The names of classes, in the order of their numbers.

    Args:
        names: List; dict from numbers to names; or the path of a text file
            with one name a line, or of a `.yaml` file of Ultralytics.

    Returns:
        List of names.

    Raises:
        ValueError: If a file is malformed, numbers are not 0, 1, ..., or a
            name is there twice.

    Example:

    >>> class_names({1: "dog", 0: "cat"})
    ['cat', 'dog']
    """
    place = "names"
    if isinstance(names, str | pathlib.PurePath):
        place = str(names)
        text = read_text(names, "file of class names")
        if pathlib.PurePath(names).suffix.lower() in (".yaml", ".yml"):
            names = read_names(text, place)
        else:
            names = [k.strip() for k in text.splitlines() if k.strip()]
    if isinstance(names, collections.abc.Mapping):
        names = _in_order(names, place)
    names = list(names)
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"{place}: expected names of classes that differ, received "
            f"{names[:20]}, {len(names)} in all."
        )
    return names


def read_names(text, place):
    """Reads the `names` of a YAML text, of the forms that Ultralytics writes.

    Args:
        text: YAML.
        place: Where it is from, for messages.

    Returns:
        List of names, or dict from number to name.

    Raises:
        ValueError: If there are none, or they are written in another way.

    Example:

    >>> read_names("names: [cat, 'dog']", "")
    ['cat', 'dog']
    """
    found = re.search(r"^names[ \t]*:(.*(?:\n(?![A-Za-z_]).*)*)", text, re.M)
    if found is None:
        raise ValueError(f"{place}: there are no `names`. Expected {FORMS}.")
    lines = [_without_comment(line) for line in found[1].splitlines()]
    lines = [line.strip() for line in lines if line.strip()]
    body = " ".join(lines)
    if body[:1] in ("[", "{"):
        if body[-1] != {"[": "]", "{": "}"}[body[0]]:
            raise _strange(place, body)
        items = _split(body[1:-1].strip(), place)
        is_list = body[0] == "["
    else:
        is_list = body.startswith("-")
        if is_list and not all(re.match(r"-\s", line) for line in lines):
            raise _strange(place, body)
        items = [line[1:].strip() for line in lines] if is_list else lines
    if is_list:
        return [_name(item, place) for item in items]
    entries = [_entry(item, place) for item in items]
    names = dict(entries)
    if len(names) < len(entries):
        raise ValueError(f"{place}: a number of `names` is there twice.")
    return names


def _split(text, place):
    """Splits at the commas that are not in quotes; one may stand at the end."""
    item = re.compile(
        r"""\s*+((?:\d+\s*:\s+)?(?:'[^']*'|"[^"]*"|[^,'"][^,]*))(?:,|$)"""
    )
    items, start = [], 0
    while start < len(text):
        found = item.match(text, start)
        if found is None:
            raise _strange(place, text)
        items.append(found[1].strip())
        start = found.end()
    return items


def _without_comment(line):
    """What stands before a `#` at the start, or behind a blank."""
    quoted = r"""(?<![^\s\[,{])(?:'[^']*'|"[^"]*")"""
    return re.match(rf"(?:{quoted}|(?<=\S)#|[^#])*", line)[0]


def _entry(item, place):
    found = re.fullmatch(r"(\d+)\s*:\s+(.+)", item)
    if found is None:
        raise _strange(place, item)
    return int(found[1]), _name(found[2], place)


def _name(text, place):
    quoted = re.fullmatch(r"""'([^']*)'|"([^"\\]*)\"""", text)
    if quoted:
        return quoted[1] if quoted[2] is None else quoted[2]
    # Other things that YAML can say are not guessed at.
    if not text or text[0] in "'\"&*!|>[]{}%@`" or ": " in text:
        raise _strange(place, text)
    return text


def _strange(place, text):
    return ValueError(
        f"{place}: cannot read the names {text!r:.80}. Expected {FORMS}; or "
        "pass them as a list."
    )


def _in_order(names, place):
    if sorted(names, key=str) != sorted(range(len(names)), key=str):
        raise ValueError(
            f"{place}: expected names of the numbers 0 to {len(names) - 1}, "
            f"received those of {list(names)[:20]}."
        )
    return [names[number] for number in range(len(names))]
