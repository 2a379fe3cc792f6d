"""Numbers and lists in words."""

import math


def number_text(value, digits=4):
    """A number to read: four digits, and no more.

    Args:
        value: Number, or `None`.
        digits: Significant digits.

    Returns:
        Text.

    Example:

    >>> number_text(0.00012345), number_text(12345.6), number_text(7)
    ('0.0001234', '12,346', '7')
    """
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, int) or not math.isfinite(value):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if 10 ** (digits - 1) <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def listed(names):
    """Names in one line.

    Example:

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    names = [str(name) for name in names]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number, thing):
    """How many there are of a thing.

    Example:

    >>> counted(1, "run"), counted(2, "run")
    ('1 run', '2 runs')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def value_text(value):
    """Any part of a setting as text: dicts and lists without brackets.

    Example:

    >>> value_text({"digit": 0.5, "mask": [1, None]})
    'digit 0.5, mask 1, none'
    >>> value_text({"class": "CAGrad", "c": 0.4})
    'CAGrad, c 0.4'
    """
    if isinstance(value, dict):
        value = dict(value)
        if "class" in value:
            first = value.pop("class")
            return f"{first}, {value_text(value)}" if value else str(first)
        return ", ".join(f"{k} {value_text(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(value_text, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return number_text(value) if isinstance(value, int | float) else str(value)
