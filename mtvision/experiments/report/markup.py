"""HTML from nested calls; text is escaped unless it is markup already."""

import html

# Elements without an end tag, of those that reports use.
VOID = ("img", "meta", "br")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name, /, *children, **attributes):
    """Writes one element.

    Args:
        name: Of the element.
        *children: `Markup`, which is kept, or anything else, which is escaped
            as text. `None` is left out.
        **attributes: Of the element, escaped; a trailing `_` is dropped, so
            that `class_` can be said, and others become `-`. `None` is left
            out.

    Returns:
        `Markup`.

    Example:

    >>> tag("p", "a < b ", tag("b", "&"), class_="note")
    '<p class="note">a &lt; b <b>&amp;</b></p>'
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{named}>")
    return Markup(f"<{name}{named}>{join(*children)}</{name}>")


def join(*children):
    """Writes elements and texts one after another.

    Example:

    >>> join("a < b", None, tag("br"))
    'a &lt; b<br>'
    """
    return Markup(
        "".join(
            child if isinstance(child, Markup) else html.escape(str(child))
            for child in children
            if child is not None
        )
    )
