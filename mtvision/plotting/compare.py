"""Truth and prediction side by side."""

import numpy as np

from mtvision.plotting.class_names import class_name
from mtvision.plotting.draw_scene import draw_scene
from mtvision.plotting.palette import WRONG

DRAWN = ("box", "boxes", "classes", "mask")


def compare(images, truth, predictions, *, class_names=None, pairs_per_row=1):
    """Draws images in pairs: the truth on the left, the prediction beside it.

    Args:
        images: B images (H, W, 3), uint8 or floats from 0 to 255.
        truth: List of B dicts with any of `label` (text or class number),
            `box` (4,), `boxes` (M, 4) and their `classes` (M,), and `mask`
            (H, W); or one dict of such fields, each for all B images. Missing
            labels are None, NaN or -1.
        predictions: The same; it may also have the `score` of the label, from
            0 to 1. Labels that differ from the truth are marked.
        class_names: List of names, for labels and classes that are numbers.
        pairs_per_row: Number of images in a row.

    Returns:
        A matplotlib `Figure`; `figure.savefig("comparison.png")` writes it.

    Raises:
        ValueError: If the three lists differ in length or are empty.

    Example:

    >>> figure = compare(
    ...     np.zeros((1, 8, 8, 3)),
    ...     [{"label": "3", "box": [1, 1, 5, 5]}],
    ...     [{"label": "8", "box": [1, 2, 5, 6], "score": 0.6}],
    ... )
    >>> [axis.get_title() for axis in figure.axes]
    ['truth: 3', '✗ predicted: 8 (60 %)']
    """
    from matplotlib.figure import Figure

    truth, predictions = _by_image(truth), _by_image(predictions)
    _check_lengths(images, truth, predictions)
    columns = min(pairs_per_row, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(6 * columns, 3.3 * rows), layout="constrained")
    axes = figure.subplots(rows, 2 * columns, squeeze=False)
    for axis in axes.ravel()[2 * len(images) :]:
        axis.remove()
    pairs = axes.reshape(-1, 2)
    for (left, right), image, true, predicted in zip(
        pairs, images, truth, predictions
    ):
        name = _name(true.get("label"), class_names)
        _draw(left, image, true, class_names, f"truth: {name or '?'}")
        title, colour = _judged(predicted, name, class_names)
        _draw(right, image, predicted, class_names, title, colour)
    return figure


def _by_image(labels):
    if not isinstance(labels, dict):
        return labels
    return [dict(zip(labels, values)) for values in zip(*labels.values())]


def _check_lengths(images, truth, predictions):
    lengths = len(images), len(truth), len(predictions)
    if len(set(lengths)) > 1 or lengths[0] == 0:
        raise ValueError(
            "Expected as many images as truths and predictions, at least one, "
            f"received {lengths}."
        )


def _draw(axis, image, labels, class_names, title, colour="black"):
    drawn = {name: labels.get(name) for name in DRAWN}
    draw_scene(
        axis,
        image,
        **drawn,
        class_names=class_names,
        title=title,
        title_colour=colour,
    )


def _name(label, class_names):
    """The name of a label; None where it is missing."""
    if label is None or isinstance(label, str):
        return label
    if np.isnan(label) or label == -1:
        return None
    return class_name(label, class_names) if class_names else str(label)


def _judged(predicted, truth, class_names):
    name = _name(predicted.get("label"), class_names)
    title = f"predicted: {name or '?'}"
    if predicted.get("score") is not None:
        title += f" ({100 * float(predicted['score']):.0f} %)"
    wrong = None not in (name, truth) and name != truth
    return (f"✗ {title}", WRONG) if wrong else (title, "black")
