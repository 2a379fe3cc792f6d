"""Average precision over the IoU threshold."""

import numpy as np

from mtvision.plotting.curves import curve_figure, line_style


def draw_iou_sweep(results, *, title=None):
    """Draws the average precision at each IoU threshold of COCO.

    Args:
        results: What `metrics.coco_evaluate` gives, or a dict of such by
            name, to compare models.
        title: Text above.

    Returns:
        A matplotlib `Figure`; in the legend is the mean of each line, `AP`.

    Raises:
        ValueError: If there is nothing to draw.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4]], "classes": [0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "classes": [0], "scores": [0.9]}]
    >>> result = mtv.metrics.coco_evaluate(truth, found)
    >>> figure = draw_iou_sweep({"first": result})
    >>> figure.axes[0].lines[0].get_label()
    'first: AP 0.60'
    """
    if not isinstance(results, dict):
        results = {"": results}
    lines = {
        name: result
        for name, result in results.items()
        if not np.isnan(result.iou_scores).all()
    }
    if not lines:
        raise ValueError(
            f"Expected results of images with objects, received "
            f"{len(results)} without."
        )
    figure, axis = curve_figure("IoU threshold", "average precision", title)
    for place, (name, result) in enumerate(lines.items()):
        mean = f"AP {np.mean(result.iou_scores):.2f}"
        axis.plot(
            result.iou_thresholds,
            result.iou_scores,
            marker="o",
            markersize=4,
            label=f"{name}: {mean}" if name else mean,
            clip_on=False,
            **line_style(place),
        )
    thresholds = next(iter(lines.values())).iou_thresholds
    axis.set_xlim(thresholds[0] - 0.02, thresholds[-1] + 0.02)
    axis.set_xticks(thresholds)
    legend = axis.legend(loc="best", frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure
