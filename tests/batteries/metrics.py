"""What every metric must do: see `check_metric`."""

import keras
import numpy as np
import pytest

from batteries.configs import check_config


def check_metric(cls, arguments, y_true, y_pred):
    """Runs every property of a metric.

    Args:
        cls: The metric's class.
        arguments: A distinct non-default value for every argument.
        y_true: Truth of at least four samples, an array (B, ...).
        y_pred: Predictions (B, ...), float32.

    Returns:
        The result for all samples, a float or a dict of floats.
    """
    metric, revived = check_config(cls, {**arguments, "name": "my_name"})
    assert metric.name == revived.name == "my_name"
    whole = fed(metric, (y_true, y_pred))
    assert fed(revived, (y_true, y_pred)) == pytest.approx(whole)
    first, second = slice(None, 2), slice(2, None)
    parts = [(y_true[s], y_pred[s]) for s in (first, second)]
    assert fed(metric, *parts) == pytest.approx(whole, rel=1e-6, abs=1e-6)
    _check_weights(metric, y_true, y_pred)
    _check_in_fit(cls, arguments, y_true, y_pred)
    return whole


def fed(metric, *batches):
    """The result after batches of `update_state`'s arguments, from zero."""
    metric.reset_state()
    for batch in batches:
        metric.update_state(*batch)
    return keras.tree.map_structure(float, metric.result())


def _check_weights(metric, y_true, y_pred):
    size = len(y_true)
    kept = np.arange(size) % 2 == 0
    masked = fed(metric, (y_true, y_pred, kept.astype("float32")))
    alone = fed(metric, (y_true[kept], y_pred[kept]))
    assert masked == pytest.approx(alone, rel=1e-6, abs=1e-6)
    double = fed(metric, (y_true, y_pred, 1.0 + kept))
    twice = fed(metric, (y_true, y_pred), (y_true[kept], y_pred[kept]))
    assert double == pytest.approx(twice, rel=1e-6, abs=1e-6)
    nothing = fed(metric, (y_true, y_pred, np.zeros(size, "float32")))
    assert all(x == 0 for x in keras.tree.flatten(nothing))


def _check_in_fit(cls, arguments, y_true, y_pred):
    """The compiled test step reports what a call of the metric gives."""
    inputs = keras.Input(y_pred.shape[1:])
    model = keras.Model(inputs, keras.layers.Identity()(inputs))
    metric = cls(**arguments)
    model.compile(loss=_no_loss, weighted_metrics=[metric])
    weight = (np.arange(len(y_true)) % 3 > 0).astype("float32")
    logs = model.evaluate(
        y_pred,
        y_true,
        sample_weight=weight,
        batch_size=2,
        verbose=0,
        return_dict=True,
    )
    expected = fed(cls(**arguments), (y_true, y_pred, weight))
    if not isinstance(expected, dict):
        expected = {metric.name: expected}
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-6, abs=1e-6)


def _no_loss(y_true, y_pred):
    return keras.ops.zeros(keras.ops.shape(y_pred)[:1])
