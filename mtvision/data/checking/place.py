"""Where something was found."""

from typing import NamedTuple

# The name of the only part where a source is not split.
WHOLE = "all"


class Place(NamedTuple):
    """Where something was found.

    Attributes:
        split: Name of the split, `"all"` where there is only one source.
        index: Number of the sample in it; None for what concerns all samples.
        file: Its file, where the sample or the source names one.
        field: Field of the sample, or "".
        detail: What exactly was found.

    Example:

    >>> print(Place("test", 3, "cat.jpg", "boxes", "row 0"))
    test, sample 3 (cat.jpg), 'boxes': row 0
    """

    split: str
    index: int | None = None
    file: str | None = None
    field: str = ""
    detail: str = ""

    def __str__(self):
        parts = [] if self.split == WHOLE else [self.split]
        if self.index is not None:
            named = "" if self.file is None else f" ({self.file})"
            parts.append(f"sample {self.index}{named}")
        if self.field:
            parts.append(repr(self.field))
        where = ", ".join(parts)
        return ": ".join(part for part in (where, self.detail) if part)
