"""The splits of data sets that are made on demand."""

from mtvision.data.hints import hint

SPLITS = ("train", "validation", "test")


def check_split(split):
    """Raises unless there is such a split.

    Args:
        split: What was given.

    Raises:
        ValueError: If it is none of `SPLITS`.

    Example:

    >>> check_split("train")
    """
    if split not in SPLITS:
        raise ValueError(
            f"Expected split as one of {SPLITS}, received {split!r}."
            f"{hint(str(split), SPLITS)}"
        )
