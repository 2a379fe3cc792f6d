"""Head that gives numbers of whole images, texts or vectors."""

import keras
import numpy as np
from keras import layers, ops

from mtvision.layers.pooled_head import PooledHead
from mtvision.ops.option_checks import require_count


@keras.saving.register_keras_serializable(package="mtvision")
class RegressionHead(PooledHead):
    """Pooling and one or two dense layers.

    Losses and metrics are those of Keras: `"mse"`, `"mae"`, `"huber"`. The
    truth is (B,) or (B, N); a sample of which any number is NaN has no label.
    Numbers that may be missing one by one are tasks of their own.

    Args:
        num_values: N, numbers of a sample.
        level: Which map of a pyramid is pooled.
        hidden: Units of a ReLU layer before the numbers; 0 for none.
        dropout: Share of the pooled features dropped in training.
        offset: What is added to what the last layer gives, such as the mean
            of the truths: one number, or N. Training then begins near it.
        scale: What it is multiplied by before, such as their standard
            deviation: one number, or N.

    Call:
        features: Dict of maps (B, H, W, D), a single one, or vectors (B, D).

    Returns:
        Tensor (B, N), float32.

    Raises:
        ValueError: If an option is out of range, or the level is not there.

    Example:

    >>> head = RegressionHead(2, offset=[40, 1900])
    >>> [float(x) for x in head(keras.ops.zeros((1, 8)))[0]]
    [40.0, 1900.0]
    """

    def __init__(
        self,
        num_values=1,
        *,
        level="P5",
        hidden=0,
        dropout=0.0,
        offset=0.0,
        scale=1.0,
        **kwargs,
    ):
        super().__init__(level=level, **kwargs)
        require_count(num_values, 1, "num_values")
        require_count(hidden, 0, "hidden")
        _require_numbers(offset, num_values, "offset")
        _require_numbers(scale, num_values, "scale")
        self.num_values = num_values
        self.hidden = hidden
        self.dropout = dropout
        self.offset = offset
        self.scale = scale
        options = {"dtype": self.dtype_policy}
        self.pool = layers.GlobalAveragePooling2D(**options)
        self.steps = [
            self.pool,
            layers.Dropout(dropout, **options),
            layers.Dense(num_values, dtype="float32", name="values"),
        ]
        if hidden:
            dense = layers.Dense(hidden, activation="relu", **options)
            self.steps.insert(1, dense)

    def call(self, features):
        """Returns the numbers."""
        x = super().call(features)
        offset, scale = (
            ops.convert_to_tensor(one, "float32")
            for one in (self.offset, self.scale)
        )
        return offset + scale * x

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_values": self.num_values,
            "hidden": self.hidden,
            "dropout": self.dropout,
            "offset": self.offset,
            "scale": self.scale,
        }


def _require_numbers(values, number, argument):
    try:
        given = np.asarray(values, "float64")
    except (TypeError, ValueError):
        given = np.array(np.nan)
    fits = given.shape in ((), (number,)) and np.isfinite(given).all()
    if not fits or (argument == "scale" and not given.all()):
        raise ValueError(
            f"Expected {argument} as one finite number or {number}"
            f"{', none of them 0' * (argument == 'scale')}, received "
            f"{values!r}."
        )
