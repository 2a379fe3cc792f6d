"""One thing found in one sample."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing found in one sample.

    Attributes:
        kind: One of `kinds.KINDS`.
        field: The field it was found in, or "".
        detail: What exactly was found.

    Example:

    >>> Finding("crowd region", "crowd", "row 3").field
    'crowd'
    """

    kind: str
    field: str = ""
    detail: str = ""
