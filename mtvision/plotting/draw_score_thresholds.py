"""Precision, recall and F1 over the threshold of the score."""

import numpy as np

from mtvision.plotting.curves import curve_figure, line_style


def draw_score_thresholds(table, *, title=None):
    """Draws what a threshold of the score lets through.

    Args:
        table: Dict of arrays (S,), as `metrics.score_threshold_table` gives
            it: `threshold`, `precision`, `recall` and `f1`.
        title: Text above.

    Returns:
        A matplotlib `Figure`, in which the best F1 is marked; of equal ones
        that of the lowest threshold.

    Raises:
        ValueError: If there is no object to be found, or no threshold.

    Example:

    >>> table = {
    ...     "threshold": np.array([0.3, 0.6]), "f1": np.array([0.5, 0.8]),
    ...     "precision": np.array([0.4, 0.8]), "recall": np.array([0.7, 0.8])}
    >>> figure = draw_score_thresholds(table)
    >>> figure.axes[0].texts[0].get_text()
    'best F1 0.80 at 0.60'
    """
    f1 = np.asarray(table["f1"], "float64")
    if not len(f1) or np.isnan(f1).all():
        raise ValueError(
            "Expected a table with thresholds, of images with objects; "
            f"received f1={f1.tolist()}."
        )
    order = np.argsort(table["threshold"], kind="stable")
    thresholds, f1 = np.asarray(table["threshold"])[order], f1[order]
    figure, axis = curve_figure("score threshold", "", title)
    markers = "o" if len(order) < 40 else None
    for place, name in enumerate(("precision", "recall", "f1")):
        axis.plot(
            thresholds,
            np.asarray(table[name])[order],
            label={"f1": "F1"}.get(name, name),
            marker=markers,
            markersize=3,
            **line_style(place),
        )
    best = int(np.nanargmax(f1))
    axis.axvline(thresholds[best], color="grey", ls="--", lw=1)
    left = thresholds[best] > 0.5
    axis.annotate(
        f"best F1 {f1[best]:.2f} at {thresholds[best]:.2f}",
        (thresholds[best], 0.02),
        (-4 if left else 4, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        fontsize=9,
        color="dimgrey",
    )
    low, high = min(0.0, thresholds[0]), max(1.0, thresholds[-1])
    axis.set_xlim(low, high + 0.02 * (high - low))
    axis.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        borderaxespad=0,
        frameon=False,
    )
    return figure
