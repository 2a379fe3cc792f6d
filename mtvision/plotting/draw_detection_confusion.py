"""A confusion matrix with the background, as a picture."""

import numpy as np

from mtvision.plotting.class_names import class_name

# With more classes than these, numbers would not fit into their fields.
MOST_NUMBERS = 25


def draw_detection_confusion(counts, *, class_names=None, title=None):
    """Draws which classes detections were taken for.

    Args:
        counts: Int array (C + 1, C + 1), as `metrics.detection_confusion`
            gives it: row = class of the object, column = that of the
            detection, the background last.
        class_names: List of C names, or `None`.
        title: Text above.

    Returns:
        A matplotlib `Figure`. The shade of a field is its share of its row;
        the last row, false detections, has its share of its column.

    Raises:
        ValueError: If the array is of another shape.

    Example:

    >>> figure = draw_detection_confusion([[3, 1], [2, 0]], class_names=["cat"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['3', '1', '2']
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or len({*counts.shape}) != 1 or len(counts) < 2:
        raise ValueError(
            "Expected counts (C + 1, C + 1) with the background as last "
            f"class, received shape {counts.shape}."
        )
    from matplotlib.figure import Figure

    number = len(counts) - 1
    names = [class_name(k, class_names) for k in range(number)]
    shares = _shares(counts)
    # Inches: a field, a letter of the longest name, and what is around.
    field = 0.42 if len(counts) <= MOST_NUMBERS else 0.25
    side = 1.6 + field * min(len(counts), 60)
    room = 0.08 * max(map(len, [*names, "background"]))
    figure = Figure(
        figsize=(side + room + 1.6, side + room), layout="compressed"
    )
    axis = figure.subplots()
    picture = axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(counts))
    axis.set_xticks(
        places,
        [*names, "missed"],
        rotation=45,
        ha="right",
        rotation_mode="anchor",
        parse_math=False,
    )
    axis.set_yticks(places, [*names, "background"], parse_math=False)
    axis.set(xlabel="detected as", ylabel="object")
    axis.axhline(number - 0.5, color="black", lw=0.8)
    axis.axvline(number - 0.5, color="black", lw=0.8)
    _write_numbers(axis, counts, shares)
    if title:
        axis.set_title(title, fontsize=10)
    label = "share of the objects;\nlast row: of the detections"
    figure.colorbar(picture, ax=axis, shrink=0.9, label=label)
    return figure


def _shares(counts):
    """Of each row; in the last row, of each column."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares[-1] = counts[-1] / np.maximum(counts.sum(axis=0), 1)
    # There is no background that was rightly not detected.
    shares[-1, -1] = np.nan
    return shares


def _write_numbers(axis, counts, shares):
    if len(counts) > MOST_NUMBERS:
        return
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axis.text(
                column,
                row,
                f"{count:,}",
                ha="center",
                va="center",
                fontsize=8 if count < 1000 else 6,
                color="white" if shares[row, column] > 0.5 else "black",
            )
