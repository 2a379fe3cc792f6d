"""Epochs in which samples that share a label stand together."""

import numpy as np

from mtvision.data.label_column import rows_by_label

PURPOSE = "to group by"


def check_grouping(batches):
    """Raises unless groups fill batches of a shuffled source.

    Args:
        batches: A `Batches` with its attributes set.

    Raises:
        ValueError: If its arguments do not go together.
    """
    if batches.group_by is None:
        return
    size = batches.group_size
    if not isinstance(batches.group_by, str):
        raise ValueError(
            "Expected group_by as the name of a field, received "
            f"{batches.group_by!r}."
        )
    if not isinstance(size, int | np.integer) or size < 2:
        raise ValueError(
            f"Expected group_size as an integer from 2, received {size!r}."
        )
    if batches.batch_size % size:
        raise ValueError(
            f"Groups of group_size={size} do not fill a batch of batch_size="
            f"{batches.batch_size}. Pass a batch_size that is a multiple of "
            "it."
        )
    if not batches.shuffle:
        raise ValueError(
            f"group_by={batches.group_by!r} gives shuffled epochs: pass "
            "shuffle=True, or leave it out to read samples in their order."
        )
    if hasattr(batches.source, "epoch_rows"):
        raise ValueError(
            "The shares of a mixture would be lost in groups: group the "
            "samples of one source, or leave group_by out."
        )


class Groups:
    """Draws epochs of groups of samples, each of one label.

    Every sample comes once an epoch. Where the samples of a label do not fill
    their last group, others of them come again, in each epoch others; a label
    with fewer samples than a group repeats them within it. Groups of one label
    are spread over the epoch, so that a batch has as many labels as can be.
    Samples whose label is not known make groups of their own.

    Args:
        source: Any source.
        field: Name of the field to group by.
        size: Number of samples of a group.

    Attributes:
        length: Number of samples of an epoch, with those that come twice.

    Raises:
        ValueError: If the field is not known, or a label has one sample only.

    Example:

    >>> source = [{"who": k // 3} for k in range(6)]
    >>> groups = Groups(source, "who", 2)
    >>> rows = groups.draw(np.random.default_rng(0)).reshape(-1, 2) // 3
    >>> rows[:, 0].tolist() == rows[:, 1].tolist(), groups.length
    (True, 8)
    """

    def __init__(self, source, field, size):
        self.size = size
        known, unknown = _read(source, field)
        for label, rows in known.items():
            if len(rows) == 1:
                raise ValueError(
                    f"{_named(source, field, label)} has a single sample, "
                    f"number {rows[0]}, and no partner in a group of {size}. "
                    "Leave it out: mtvision.data.Subset(source, rows)."
                )
        self._rows = [*known.values(), *([unknown] if len(unknown) else [])]
        self.length = sum(-(-len(rows) // size) * size for rows in self._rows)

    def draw(self, rng):
        """The samples of an epoch.

        Args:
            rng: A `numpy.random.Generator`.

        Returns:
            Int array (`length`,).
        """
        groups, places = [], []
        for rows in self._rows:
            number = -(-len(rows) // self.size)
            order = rng.permutation(rows)
            # The first ones come again, at the end.
            groups.append(np.resize(order, (number, self.size)))
            places.append((np.arange(number) + rng.random()) / number)
        order = np.argsort(np.concatenate(places), kind="stable")
        return np.concatenate(groups)[order].reshape(-1)


def _read(source, field):
    try:
        return rows_by_label(source, field, PURPOSE)
    except (KeyError, ValueError) as error:
        raise ValueError(f"group_by={field!r}: {error}") from None


def _named(source, field, label):
    names = (getattr(source, "classes", None) or {}).get(field)
    name = f" ({names[label]!r})" if names and isinstance(label, int) else ""
    return f"{field!r} {label!r}{name}"
