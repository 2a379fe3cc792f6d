"""What a search tries, in words."""

from mtvision.experiments.report.phrases import (
    listed,
    number_text,
    value_text,
)


def space_text(part):
    """Describes one part of a space.

    Args:
        part: What `describe` of the part gives, or any text.

    Returns:
        Text.

    Example:

    >>> space_text({"part": "LossWeights", "tasks": ["digit", "mask"],
    ...             "low": 0.05, "high": 20})
    'digit and mask: 0.05 to 20 each, logarithmic'
    """
    kind = part.get("part") if isinstance(part, dict) else None
    write = WRITERS.get(kind, value_text)
    return write(part)


def _range(part):
    text = f"{number_text(part['low'])} to {number_text(part['high'])}"
    whole = part["part"] == "IntDistribution"
    step = part.get("step")
    if whole and step == 1:
        text += ", whole numbers"
    elif step is not None:
        text += f" in steps of {number_text(step)}"
    return f"{text}, logarithmic" if part.get("log") else text


def _choices(part):
    return " | ".join(map(value_text, part["choices"]))


def _loss_weights(part):
    low, high = number_text(part["low"]), number_text(part["high"])
    return f"{listed(part['tasks'])}: {low} to {high} each, logarithmic"


def _simplex_weights(part):
    low = number_text(part["low"])
    return f"{listed(part['tasks'])}: {low} or more each, sum 1"


def _method(part):
    options = [f"{k} {space_text(each)}" for k, each in part["options"].items()]
    return f"{part['make']} with {listed(options)}"


def _one_of(part):
    names = []
    for name, option in part["options"].items():
        kind = option.get("part") if isinstance(option, dict) else None
        names.append(f"{name} ({space_text(option)})" if kind else name)
    return " | ".join(names)


WRITERS = {
    "FloatDistribution": _range,
    "IntDistribution": _range,
    "CategoricalDistribution": _choices,
    "LossWeights": _loss_weights,
    "SimplexWeights": _simplex_weights,
    "Method": _method,
    "OneOf": _one_of,
}
