"""What a search of a gallery finds."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Match:
    """The person that an embedding belongs to, or nobody.

    Attributes:
        name: Name of the person, or `None`: not in the database.
        distance: Squared distance to the nearest face of the gallery.
        nearest: Whose face that is, also if it is too far away.

    Example:

    >>> match = Match(name=None, distance=1.7, nearest="Ann")
    >>> print(match.name, "but most like", match.nearest)
    None but most like Ann
    """

    name: str | None
    distance: float
    nearest: str
