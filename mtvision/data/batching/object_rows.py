"""How many rows fields with a row for each object are padded to."""

from mtvision.data import fields
from mtvision.data.hints import hint
from mtvision.ops.option_checks import require_count


def rows_of(max_objects, name):
    """How many rows a field has.

    Args:
        max_objects: As `Batches` takes it: a number, `None`, or a dict from
            fields to numbers, each for all fields of the same prefix.
        name: Name of the field.

    Returns:
        The number, or `None` if none is said.

    Example:

    >>> rows_of({"boxes": 8, "cat_boxes": 3}, "cat_classes")
    3
    """
    if not isinstance(max_objects, dict):
        return max_objects
    numbers = {_prefix(k): number for k, number in max_objects.items()}
    return numbers.get(_prefix(name))


def check_max_objects(max_objects, read):
    """Raises unless `rows_of` can make sense of what was given.

    Args:
        max_objects: What the user gave.
        read: The fields that are read.

    Raises:
        ValueError: If a number is not 1 or more, or a field is not read, or
            two fields of one prefix are named.

    Example:

    >>> check_max_objects({"boxes": 8}, ["image", "boxes", "classes"])
    """
    if max_objects is None:
        return
    if not isinstance(max_objects, dict):
        require_count(max_objects, 1, "max_objects")
        return
    read = sorted(k for k in read if _may_have_rows(k))
    prefixes = {_prefix(name) for name in read}
    known = {}
    for name, number in max_objects.items():
        prefix = _prefix(name)
        if not _may_have_rows(name) or prefix not in prefixes:
            raise ValueError(
                f"max_objects names {name!r}, but the fields of objects that "
                f"are read are {read}.{hint(str(name), read)}"
            )
        if prefix in known:
            raise ValueError(
                f"max_objects names {known[prefix]!r} and {name!r}, which "
                "belong together. Name one of them."
            )
        known[prefix] = name
        require_count(number, 1, f"max_objects[{name!r}]")


def _may_have_rows(name):
    return fields.last_word(str(name)) in fields.OBJECT_AXES


def _prefix(name):
    return fields.sibling(str(name), "")
