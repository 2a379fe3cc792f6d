"""One task's metric, fed with labelled samples only."""

import inspect

import keras
from keras import ops

from mtvision.ops import missing
from mtvision.training import truth


class TaskMetric(keras.metrics.Metric):
    """A metric under the name `<task>_<metric>`.

    Args:
        task: Name of the task.
        metric: The `keras.metrics.Metric` to feed.
        loss: The task's loss, which knows what carries a label, or `None`.
        weighted: Whether sample weights scale the metric. If not, they only
            say which samples carry a label.

    Raises:
        ValueError: If the metric takes no `sample_weight`: samples without a
            label could not be left out.

    Example:

    >>> metric = TaskMetric("age", keras.metrics.MeanAbsoluteError("mae"))
    >>> metric.update_state([[30.0], [float("nan")]], [[20.0], [5.0]])
    >>> metric.name, float(metric.result())
    ('age_mae', 10.0)
    """

    def __init__(self, task, metric, loss=None, *, weighted=False):
        prefix = "weighted_" if weighted else ""
        super().__init__(name=f"{task}_{prefix}{metric.name}")
        parameters = inspect.signature(metric.update_state).parameters
        if "sample_weight" not in parameters:
            raise ValueError(
                f"Task '{task}': the metric '{metric.name}' takes no "
                "`sample_weight`, so samples without a label cannot be left "
                "out of it. Add the argument to its `update_state`."
            )
        self.task = task
        self.metric = metric
        self.loss = loss
        self.weighted = weighted

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Feeds one batch.

        Args:
            y_true: Truth, a tensor (B, ...) or a dict of tensors.
            y_pred: Prediction, a tensor (B, ...).
            sample_weight: Tensor (B,) or (B, ...), or `None`.
        """
        y_true = truth.as_tensors(y_true)
        y_pred = ops.convert_to_tensor(y_pred)
        y_true, labelled = truth.split(self.loss, y_true, sample_weight)
        rank = max(1, len(y_pred.shape) - 1)
        labelled = missing.all_over_last_axes(labelled, rank)
        if self.weighted:
            weights = truth.weights_like(labelled, labelled, sample_weight)
        else:
            weights = ops.cast(labelled, "float32")
        self.metric.update_state(y_true, y_pred, sample_weight=weights)

    def result(self):
        """Returns the metric's result; names in a dict carry the task's."""
        result = self.metric.result()
        if isinstance(result, dict):
            return {f"{self.task}_{k}": v for k, v in result.items()}
        return result

    def reset_state(self):
        """Starts over."""
        self.metric.reset_state()


def resolve(task, metric, output, loss):
    """Makes a metric from what the user gave.

    Args:
        task: Name of the task.
        metric: Anything that `keras.metrics.get` takes, or `"accuracy"`,
            `"acc"`, `"crossentropy"`, `"ce"`.
        output: The task's symbolic output tensor.
        loss: The task's `keras.losses.Loss`, or `None`.

    Returns:
        A `keras.metrics.Metric`.

    Raises:
        ValueError: If the metric is unknown or a name does not say which.
    """
    if metric in ("accuracy", "acc", "crossentropy", "ce"):
        return _by_short_name(task, metric, output, loss)
    try:
        resolved = keras.metrics.get(metric)
    except (ValueError, TypeError) as error:
        raise ValueError(f"Task '{task}': {error}") from error
    if not isinstance(resolved, keras.metrics.Metric):
        name = metric if isinstance(metric, str) else resolved.__name__
        resolved = keras.metrics.MeanMetricWrapper(resolved, name=name)
    elif isinstance(metric, str):
        # As Keras does: "mae" is logged as mae.
        config = {**resolved.get_config(), "name": metric}
        resolved = type(resolved).from_config(config)
    if hasattr(resolved, "check_predictions"):
        try:
            resolved.check_predictions(output)
        except ValueError as error:
            raise ValueError(f"Task '{task}': {error}") from None
    _build(task, resolved, output)
    return resolved


def _by_short_name(task, name, output, loss):
    """As Keras does, but by the task's loss, which is known already."""
    from_logits = getattr(loss, "from_logits", False)
    kind = truth.class_kind(loss)
    if kind is None:
        raise ValueError(
            f"Task '{task}': the metric '{name}' needs one of Keras' "
            f"cross-entropies as loss to say which it is, received {loss}. "
            "Give a metric object, for example "
            "keras.metrics.SparseCategoricalAccuracy()."
        )
    if name in ("crossentropy", "ce"):
        cls = getattr(keras.metrics, f"{kind}Crossentropy")
        return cls(name=name, from_logits=from_logits)
    if kind == "Binary":
        threshold = 0.0 if from_logits else 0.5
        return keras.metrics.BinaryAccuracy(name=name, threshold=threshold)
    return getattr(keras.metrics, f"{kind}Accuracy")(name=name)


def _build(task, metric, output):
    """Creates the state of metrics that would create it inside a jit."""
    if metric.variables:
        return
    zeros = ops.zeros([1 if n is None else n for n in output.shape])
    try:
        metric.update_state(zeros, zeros)
        metric.reset_state()
    except Exception as error:
        raise ValueError(
            f"Task '{task}': the metric '{metric.name}' has no variables yet "
            "and cannot be built from the shape of the output: "
            f"{error} Call its `update_state` once before `compile`."
        ) from error
