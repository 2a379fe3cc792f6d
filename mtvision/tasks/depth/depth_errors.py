"""Errors of depth."""

import keras

from mtvision.metrics.exact_sums import ExactSums
from mtvision.ops.depth_errors import (
    depth_error_sums,
    depth_maps,
    depth_scores,
)


@keras.saving.register_keras_serializable(package="mtvision")
class DepthErrors(ExactSums):
    """The usual measures of depth, over all measured pixels.

    Truth is metres (B, H, W) or (B, H, W, 1); pixels that are NaN, 0 or
    negative are left out. Predictions are metres (B, H, W, 1).
    `sample_weight` is (B,) or (B, H, W).

    `result()`, which `fit` logs, is a dict:

    - `absolute`: mean absolute error, metres; `relative`: mean of absolute
      error / depth. These two are reported for NYUv2 and Cityscapes.
    - `rmse`: root of the mean squared error, metres; `rmse_log`: the same of
      natural logarithms.
    - `delta1`, `delta2`, `delta3`: share of the pixels whose depths differ by
      a ratio below 1.25, 1.25 ** 2, 1.25 ** 3.

    All pixels of all batches weigh alike.

    Example:

    >>> import numpy as np
    >>> metric = DepthErrors()
    >>> truth, depth = np.array([[[2.0, np.nan]]]), np.ones((1, 1, 2, 1))
    >>> metric.update_state(truth, depth)
    >>> float(metric.result()["relative"])
    0.5

    Reference:
        Eigen et al., Depth Map Prediction from a Single Image using a
        Multi-Scale Deep Network, 2014.
    """

    def __init__(self, *, name="depth_errors", dtype=None):
        super().__init__((8,), name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Adds the errors of one batch."""
        maps = depth_maps(y_true, y_pred, self.name)
        self.add(depth_error_sums(*maps, sample_weight=sample_weight))

    def result(self):
        """Returns the measures so far."""
        return depth_scores(self.sums())
