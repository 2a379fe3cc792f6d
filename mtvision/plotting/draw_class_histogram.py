"""How often each class occurs."""

import numpy as np

from mtvision.plotting.class_names import class_name, names_of
from mtvision.plotting.palette import colour
from mtvision.plotting.walked import is_source, walked

# With more classes than these, those in the middle are left out.
MOST = 60


def draw_class_histogram(
    counts, *, field="classes", class_names=None, most=MOST
):
    """Draws how often each class occurs, the most frequent on top.

    Args:
        counts: Array (C,) of counts; dict from name or number to count; or a
            source of samples, which is read once. Missing labels and padding
            (-1, NaN) are not counted.
        field: The field of a source: `classes` of objects, `label`, `semantic`
            (pixels) or any other of class numbers. Also its name in
            `class_names`.
        class_names: List of names, or dict from field to its list; by default
            `source.classes`.
        most: Most classes to draw, the most frequent half and the rarest
            half; the title tells how many are left out.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is nothing to count, or the field holds no class
            numbers.

    Example:

    >>> source = [{"label": 1}, {"label": 0}, {"label": 1}, {"label": -1}]
    >>> names = ["cat", "dog"]
    >>> figure = draw_class_histogram(source, field="label", class_names=names)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['2 (66.7 %)', '1 (33.3 %)']
    """
    if is_source(counts):
        if class_names is None:
            class_names = getattr(counts, "classes", None)
        counts = _count(walked(counts, [field])[field], field)
    names = names_of(class_names, field)
    found = _named(counts, names)
    total = sum(found.values())
    if not total or most < 1:
        raise ValueError(
            f"Expected classes that occur, and most >= 1; received {counts} "
            f"and most={most}."
        )
    ordered = sorted(found.items(), key=lambda pair: -pair[1])
    surplus = max(0, len(ordered) - most)
    if surplus:
        ordered = ordered[: -(-most // 2)] + ordered[len(found) - most // 2 :]
    title = f"{field}: {total:,} in {len(found)} classes"
    title += f" ({surplus} of the middle left out)" if surplus else ""
    return _draw(ordered, total, title)


def _count(values, field):
    """Counts by class number, of all samples."""
    counts = np.zeros(0, "int64")
    for value in values:
        numbers = np.ravel(np.asarray([] if value is None else value))
        if numbers.dtype.kind not in "biuf":
            raise ValueError(
                f"Field {field!r}: expected class numbers, received "
                f"{numbers.dtype}."
            )
        numbers = numbers[np.isfinite(numbers) & (numbers >= 0)]
        found = np.bincount(numbers.astype("int64"), minlength=len(counts))
        found[: len(counts)] += counts
        counts = found
    return counts


def _named(counts, names):
    """Dict from name to count; classes with a name may never occur."""
    if isinstance(counts, dict):
        return {str(name): int(count) for name, count in counts.items()}
    counts = np.asarray(counts)
    if counts.ndim != 1:
        raise ValueError(
            f"Expected counts (C,), a dict or a source, received shape "
            f"{counts.shape}."
        )
    if names is not None and len(names) > len(counts):
        counts = np.pad(counts, (0, len(names) - len(counts)))
    return {
        class_name(number, names): int(count)
        for number, count in enumerate(counts)
        if count or names is not None
    }


def _draw(ordered, total, title):
    from matplotlib.figure import Figure

    names, counts = zip(*ordered)
    figure = Figure(figsize=(7, 1 + 0.22 * len(names)), layout="constrained")
    axis = figure.subplots()
    places = range(len(names))
    axis.barh(places, counts, color=colour(1))
    axis.set_yticks(places, names, fontsize=8, parse_math=False)
    axis.set_ylim(len(names) - 0.4, -0.6)
    for place, count in zip(places, counts):
        text = f"{count:,} ({100 * count / total:.1f} %)"
        axis.annotate(
            text,
            (count, place),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axis.set_xlim(0, 1.25 * max(counts))
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title(title, fontsize=10)
    return figure
