"""Names of classes, from a list for all fields or lists by field."""

from mtvision.plotting.field_kinds import last_word, sibling

# Fields that are numbered as another one when they have no names themselves.
NAMED_AS = {
    "boxes": ("classes",),
    "box": ("classes", "label"),
    "masks": ("classes",),
    "keypoints": ("classes",),
    "panoptic": ("semantic",),
}
BACKGROUND = ("background", "void", "unlabelled", "unlabeled", "nothing")


def names_of(class_names, field):
    """The names for a field.

    Args:
        class_names: List of names, dict from field to its list (as `classes`
            of a source), or None.
        field: Name of the field.

    Returns:
        List or None.

    Example:

    >>> names_of({"cat_classes": ["kitten"]}, "cat_boxes")
    ['kitten']
    """
    if not isinstance(class_names, dict):
        return class_names
    words = NAMED_AS.get(last_word(field), ())
    known = (field, *(sibling(field, word) for word in words))
    return next((class_names[k] for k in known if k in class_names), None)


def class_name(number, class_names=None):
    """The name of a class; its number, if there are no names.

    Args:
        number: Class number.
        class_names: List of names, or `None`.

    Returns:
        String.

    Raises:
        ValueError: If there are too few names.

    Example:

    >>> class_name(1, ["cat", "dog"])
    'dog'
    """
    if class_names is None or len(class_names) == 0:
        return str(int(number))
    if not 0 <= int(number) < len(class_names):
        raise ValueError(
            f"Expected class_names to have a name for the class {int(number)}, "
            f"received {len(class_names)} names. Give each field its own list "
            "by a dict, such as {'classes': [...], 'semantic': [...]}."
        )
    return str(class_names[int(number)])


def is_background(number, class_names=None):
    """Whether pixels of a class stay clear: 0, unless its name says that it
    is a class as any other.

    Example:

    >>> is_background(0), is_background(0, ["sky", "road"])
    (True, False)
    """
    if number != 0:
        return False
    return not class_names or str(class_names[0]).lower() in BACKGROUND
