"""Angles between true and predicted surface normals."""

import keras
from keras import ops

from mtvision.metrics.exact_counts import ExactCounts
from mtvision.ops import angles
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class NormalAngles(ExactCounts):
    """The usual measures of surface normals, over all measured pixels.

    Truth and predictions are vectors (B, H, W, 3), of any length; pixels
    whose true vector is zero, or has a NaN, are left out. `sample_weight` is
    (B,) or (B, H, W).

    `result()`, which `fit` logs, is a dict: `mean` and `median` of the angles
    between the two, degrees, and `within_11`, `within_22`, `within_30`, the
    shares of the pixels with an angle below 11.25, 22.5 and 30 degrees.

    The median comes from a histogram in steps of 0.05 degrees, and is off by
    less than one. A prediction that holds NaN is wrong by 180 degrees. All
    pixels of all batches weigh alike.

    Example:

    >>> import numpy as np
    >>> metric = NormalAngles()
    >>> truth = np.array([[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]]])
    >>> metric.update_state(truth, np.array([[[[0.0, 1.0, 1.0]] * 2]]))
    >>> round(float(metric.result()["mean"]), 3)
    45.0

    Reference:
        Fouhey et al., Data-Driven 3D Primitives for Single Image
        Understanding, 2013.
    """

    def __init__(self, *, name="normal_angles", dtype=None):
        size = 2 + len(angles.LIMITS) + angles.num_bins()
        super().__init__((size,), name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Adds the angles of one batch."""
        truth, prediction = (
            ops.cast(vectors, "float32") for vectors in (y_true, y_pred)
        )
        require_same_shape(truth, prediction, self.name)
        given = angles.has_direction(truth)
        truth = ops.where(given[..., None], truth, 1.0)
        between = angles.angles_between(
            angles.unit_vectors(truth), angles.unit_vectors(prediction)
        )
        sums = angles.angle_sums(between, given, sample_weight=sample_weight)
        self.add(*sums)

    def result(self):
        """Returns the measures so far."""
        return angles.angle_scores(self.totals())
