"""Verification: true accepts over false accepts."""

import numpy as np

from mtvision.plotting.curves import curve_figure, line_style


def draw_roc(reports, *, title=None, least=None):
    """Draws true accepts over false accepts, a line for each report.

    Args:
        reports: Dict from name to `metrics.VerificationReport`.
        title: Text above.
        least: Smallest share of false accepts, above 0, for an axis of its
            logarithm; `None` for a straight axis from 0 to 1.

    Returns:
        A matplotlib `Figure`, in which the points of equal error are marked.

    Raises:
        ValueError: If there is no report, or `least` is out of range.

    Example:

    >>> report = mtv.metrics.verification_report([0.1, 0.9], [1, 0])
    >>> figure = draw_roc({"pixels": report})
    >>> figure.axes[0].lines[0].get_label()
    'pixels: EER 0.000'
    """
    if not reports:
        raise ValueError("Expected at least one report to draw, received none.")
    if least is not None and not 0 < least < 1:
        raise ValueError(
            f"Expected least between 0 and 1 or None, received {least!r}."
        )
    figure, axis = curve_figure("false accepts", "true accepts", title)
    for place, (name, report) in enumerate(reports.items()):
        style = line_style(place)
        axis.plot(
            report.false_accepts,
            report.true_accepts,
            label=f"{name}: EER {report.eer:.3f}",
            clip_on=least is not None,
            **style,
        )
        axis.plot(report.eer, 1 - report.eer, "o", color=style["color"])
    shares = np.linspace(least or 0, 1, 200)
    axis.plot(shares, shares, color="grey", lw=1, ls=":", label="chance")
    if least is not None:
        axis.set_xscale("log")
        axis.set_xlim(least, 1)
    axis.legend(loc="lower right", fontsize=9, frameon=False)
    return figure
