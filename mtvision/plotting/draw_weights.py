"""How the weights of the tasks went."""

import numpy as np

from mtvision.plotting.curves import line_style
from mtvision.plotting.plot_figure import plain_legend

# From this ratio of the largest to the smallest number on, scales are
# logarithmic: others would show the largest only.
RATIO = 50


def draw_weights(history):
    """Draws the tasks' weights, and losses, over the epochs.

    Args:
        history: What `fit` returns for a model with `balancing`, or its
            dict `history`.

    Returns:
        A matplotlib `Figure`: weights above, losses below.

    Raises:
        ValueError: If there are no weights in it.

    Example:

    >>> logs = {"a_weight": [0.5, 0.7], "b_weight": [0.5, 0.3],
    ...         "a_loss": [2.0, 1.0], "b_loss": [1.0, 0.9]}
    >>> [axis.get_ylabel() for axis in draw_weights(logs).axes]
    ['weight', 'loss']
    """
    logs = getattr(history, "history", history)
    ends = "_weight"
    tasks = [name.removesuffix(ends) for name in logs if name.endswith(ends)]
    if not tasks:
        raise ValueError(
            "Expected a history with weights of tasks, such as 'mask_weight', "
            f"received {sorted(logs)}. Compile the model with `balancing`."
        )
    figure, above, below = _empty_figure()
    for place, task in enumerate(tasks):
        for axis, end in ((above, ends), (below, "_loss")):
            numbers = logs.get(f"{task}{end}", [])
            axis.plot(
                range(1, len(numbers) + 1),
                numbers,
                label=task,
                marker="o" if len(numbers) < 12 else None,
                markersize=4,
                **line_style(place),
            )
    for axis in (above, below):
        numbers = np.concatenate([line.get_ydata() for line in axis.lines])
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) and 0 < numbers.min() * RATIO < numbers.max():
            axis.set_yscale("log")
    plain_legend(figure, above.lines, tasks, columns=3)
    return figure


def _empty_figure():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4.6), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    for axis, name in ((above, "weight"), (below, "loss")):
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    below.set_xlabel("epoch")
    below.xaxis.get_major_locator().set_params(integer=True)
    return figure, above, below
