"""Which task dominates what all share, and which tasks conflict."""

import numpy as np
from keras import ops

from mtvision.ops.gram import cosines


def diagnose(model, batch, *, at="parameters"):
    """Measures the tasks' gradients on one batch, without a training step.

    Args:
        model: A compiled `MultiTaskModel` with two trained tasks or more.
        batch: `(x, y)` or `(x, y, sample_weight)`.
        at: Where the gradients are taken: `"parameters"` that the tasks
            share, or `"features"` at which they part.

    Returns:
        List of rows, one for each task: dicts of

        - `task`, and its `loss`, times its loss weight; NaN for a task that
          has no label in the batch, whose other numbers are 0;
        - `gradient_norm`, and its `share` of the sum of all: the task with
          the largest one dominates the trunk;
        - `conflict`: the task whose gradient points away most, or `None`;
        - `cosine` with that task, below 0; otherwise the smallest one;
        - `cosines`: dict of the cosines with all tasks.

        `mtvision.training.format_table` prints them,
        `mtvision.plotting.draw_conflicts` draws them.

    Raises:
        ValueError: If the model is not compiled, has fewer than two trained
            tasks, or nothing that they share can be trained.

    Example:

    >>> x = keras.Input((4,))
    >>> trunk = keras.layers.Dense(3)(x)
    >>> model = mtv.MultiTaskModel(
    ...     x, {t: keras.layers.Dense(1)(trunk) for t in ("a", "b")}
    ... )
    >>> model.compile(loss={"a": "mse", "b": "mse"})
    >>> truth = {"a": np.ones((2, 1)), "b": 100 * np.ones((2, 1))}
    >>> rows = diagnose(model, (np.ones((2, 4)), truth))
    >>> max(rows, key=lambda row: row["share"])["task"]
    'b'
    """
    tasks, losses, gram = model.measure_gradients(batch, at=at)
    norms = np.sqrt(np.diagonal(gram))
    cosine = ops.convert_to_numpy(cosines(gram)[0])
    total = norms.sum() or 1.0
    rows = []
    for i, task in enumerate(tasks):
        others = [j for j in range(len(tasks)) if j != i]
        worst = min(others, key=lambda j: cosine[i, j])
        conflict = tasks[worst] if cosine[i, worst] < 0 else None
        rows.append(
            {
                "task": task,
                "loss": float(losses[i]),
                "gradient_norm": float(norms[i]),
                "share": float(norms[i] / total),
                "conflict": conflict,
                "cosine": float(cosine[i, worst]),
                "cosines": dict(zip(tasks, cosine[i].tolist())),
            }
        )
    return rows
