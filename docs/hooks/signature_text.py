"""Signatures as a reader would write them."""

import inspect

WIDTH = 72


def signature_text(name, function, *, is_method=False):
    """A call with all arguments and their defaults.

    Args:
        name: What to call it.
        function: Function or class.
        is_method: Whether the first argument is the object itself.

    Returns:
        Python, one argument a line if it is long.
    """
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[is_method:]
    parts = _parts(parameters)
    line = f"{name}({', '.join(parts)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def _parts(parameters):
    parts = []
    for parameter in parameters:
        plain = parameter.replace(annotation=inspect.Parameter.empty)
        is_option = plain.kind is plain.KEYWORD_ONLY
        if is_option and not any(part.startswith("*") for part in parts):
            parts.append("*")
        parts.append(_one(plain))
    return parts


def _one(parameter):
    default = parameter.default
    if default is parameter.empty:
        return str(parameter)
    text = repr(default)
    if text.startswith("<"):
        text = getattr(default, "__name__", "...")
    return f"{parameter.name}={text}"
