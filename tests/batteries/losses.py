"""What every loss must do: see `check_loss`."""

import keras
import numpy as np

from batteries.backend import compiled, gradient, to_numpy
from batteries.configs import check_config


def check_loss(cls, arguments, y_true, y_pred):
    """Runs every property of a loss.

    Args:
        cls: The loss's class.
        arguments: A distinct non-default value for every argument.
        y_true: Truth of at least two samples, array or dict of arrays.
        y_pred: Predictions (B, ...), float32.

    Returns:
        The losses of the samples, (B,), as numpy.
    """
    loss, revived = check_config(cls, {**arguments, "reduction": "sum"})
    assert loss.reduction == revived.reduction == "sum"
    loss = cls(**_without_reduction(arguments), reduction=None)
    values = to_numpy(loss(y_true, y_pred))
    size = y_pred.shape[0]
    assert values.shape == (size,), values.shape
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    run = compiled(lambda t, p: loss(t, p))
    np.testing.assert_allclose(
        to_numpy(run(_tensors(y_true), _tensors(y_pred))), values, rtol=1e-4
    )
    _check_samples_are_independent(loss, y_true, y_pred, values)
    slope = gradient(lambda p: loss(_tensors(y_true), p), y_pred)
    assert np.isfinite(slope).all()
    assert np.abs(slope).max() > 0
    for precision in ("bfloat16", "float16"):
        half = to_numpy(loss(y_true, keras.ops.cast(y_pred, precision)))
        assert half.dtype == np.float32
        assert np.isfinite(half).all()
    return values


def _without_reduction(arguments):
    return {k: v for k, v in arguments.items() if k != "reduction"}


def _tensors(x):
    return keras.tree.map_structure(keras.ops.convert_to_tensor, x)


def _check_samples_are_independent(loss, y_true, y_pred, values):
    order = np.arange(y_pred.shape[0])[::-1]
    flipped = loss(
        keras.tree.map_structure(lambda x: x[order], y_true), y_pred[order]
    )
    np.testing.assert_allclose(to_numpy(flipped), values[order], rtol=1e-4)
