"""Loss of surface normals."""

import keras
from keras import ops

from mtvision.ops.angles import has_direction, unit_vectors
from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import any_in_sample
from mtvision.ops.shapes import require_same_shape
from mtvision.ops.truth_checks import check_map_size


@keras.saving.register_keras_serializable(package="mtvision")
class NormalsLoss(keras.losses.Loss):
    """1 less the cosine of the angle, averaged over the measured pixels.

    Truth and predictions are vectors (B, H, W, 3), of any length. Pixels
    whose true vector is zero, or has a NaN, are not measured.

    Example:

    >>> import numpy as np
    >>> truth = np.array([[[[0.0, 0.0, 1.0], [np.nan, 0.0, 1.0]]]])
    >>> float(NormalsLoss()(truth, np.array([[[[0.0, 2.0, 0.0]] * 2]])))
    1.0

    Reference:
        Liu et al., End-to-End Multi-Task Learning with Attention, 2019.
        There the mean is over the pixels of a batch; here samples weigh
        alike.
    """

    def __init__(self, *, reduction="sum_over_batch_size", name="normals_loss"):
        super().__init__(name=name, reduction=reduction, dtype="float32")

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_same_shape(y_true, y_pred, self.name)
        measured = has_direction(y_true)
        truth = ops.where(measured[..., None], y_true, 1.0)
        cosine = ops.sum(unit_vectors(truth) * unit_vectors(y_pred), axis=-1)
        return masked_mean_per_sample(1 - cosine, measured)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds vectors for such predictions."""
        if y_true.ndim != 4 or y_true.shape[-1] != 3:
            raise ValueError(
                "expected normals (B, H, W, 3) as x, y, z, received shape "
                f"{y_true.shape}."
            )
        check_map_size(y_true, y_pred, head="NormalsHead")

    def labelled(self, y_true):
        """Which samples have a measured pixel: boolean (B,)."""
        return any_in_sample(has_direction(y_true))
