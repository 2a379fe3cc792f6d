"""Distances and truth of all pairs of a data set."""

import numpy as np

from mtvision.metrics.data_batches import has_label, inputs_of, read_batches
from mtvision.ops.arrays import as_array


def collect_pairs(data, model, *, task="same"):
    """What a model says of pairs, and whether they show the same.

    Args:
        data: Batches `(inputs, truth)` or `(inputs, truth, sample_weights)`
            of pairs, such as `mtvision.data.Batches` of `VerificationPairs`;
            truth is a dict by task.
        model: `keras.Model` from the inputs to a dict with the squared
            distance (B, 1) of each pair, such as `mtvision.models.Siamese`.
        task: Name of the distance, and of its truth.

    Returns:
        `(distances, same)`: arrays (N,), `same` as for
        `verification_report`, -1 where there is no label.

    Raises:
        ValueError: If the model has no such output, or the truth no such task.

    Example:

    >>> one, two = (keras.Input((3,), name=name) for name in "ab")
    >>> distance = mtv.layers.SquaredDistance()(one, two)
    >>> model = keras.Model({"a": one, "b": two}, {"same": distance})
    >>> x = {"a": np.zeros((2, 3)), "b": np.eye(2, 3) * [[1], [2]]}
    >>> distances, same = collect_pairs([(x, {"same": np.ones(2)})], model)
    >>> distances.tolist(), same.tolist()
    ([1.0, 4.0], [1.0, 1.0])
    """
    require_distance(model, task)
    distances, same = [np.zeros(0)], [np.zeros(0)]
    for step, (inputs, y_true, weights) in enumerate(read_batches(data)):
        if not isinstance(y_true, dict) or task not in y_true:
            known = sorted(y_true) if isinstance(y_true, dict) else "no dict"
            raise ValueError(
                f"Batch {step}: expected a truth that says of the task "
                f"{task!r} which pairs are the same, received {known}."
            )
        found = model.predict_on_batch(inputs_of(model, inputs))[task]
        truth = as_array(y_true[task]).reshape(-1).astype("float64")
        truth[~has_label(weights, task, len(truth))] = -1
        if np.size(found) != len(truth):
            raise ValueError(
                f"Batch {step}: the model gives {np.size(found)} distances, "
                f"the truth says {len(truth)} times whether a pair is the "
                "same. Give one label for each pair."
            )
        distances.append(np.reshape(found, -1))
        same.append(truth)
    return np.concatenate(distances), np.concatenate(same)


def require_distance(model, task):
    """Raises unless a model gives the distance of pairs.

    Args:
        model: `keras.Model`.
        task: Name of the distance.

    Raises:
        ValueError: If it has no such output.

    Example:

    >>> image = keras.Input((3,))
    >>> require_distance(keras.Model(image, {"same": image}), "same")
    """
    outputs = getattr(model, "output", None)
    if not isinstance(outputs, dict) or task not in outputs:
        known = sorted(outputs) if isinstance(outputs, dict) else "no dict"
        raise ValueError(
            f"Expected a model with the output {task!r}, the distance of each "
            f"pair; received one with {known}. Make one of an embedder: "
            "mtvision.models.Siamese(embedder)."
        )
