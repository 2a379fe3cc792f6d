"""What the losses of depth have in common."""

import keras
import numpy as np
from keras import ops

from mtvision.ops.depth_errors import FARTHEST, depth_maps, is_measured
from mtvision.ops.labels import any_in_sample
from mtvision.ops.truth_checks import check_map_size, first_sample


class DepthLoss(keras.losses.Loss):
    """Compares depths where they are measured.

    Truth is metres (B, H, W) or (B, H, W, 1); pixels that are NaN, 0 or
    negative are not measured. Predictions are metres (B, H, W, 1). A
    subclass computes the loss in `compare`.
    """

    def __init__(self, *, reduction, name):
        super().__init__(name=name, reduction=reduction, dtype="float32")

    def compare(self, truth, prediction, measured):
        """Computes the loss of each sample.

        Args:
            truth: Tensor (B, H, W), metres; 1 where it is not measured.
            prediction: Tensor (B, H, W), metres.
            measured: Bool tensor (B, H, W).

        Returns:
            Tensor (B,), 0 for samples without a measured pixel.
        """
        raise NotImplementedError

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        truth, prediction = depth_maps(y_true, y_pred, self.name)
        measured = is_measured(truth)
        truth = ops.where(measured, truth, 1.0)
        return self.compare(truth, prediction, measured)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth has the size of the predictions."""
        check_map_size(y_true, y_pred, head="DepthHead")
        sample = first_sample(y_true, lambda depth: depth >= FARTHEST)
        if sample is not None:
            raise ValueError(
                f"sample {sample} has a depth of {np.nanmax(y_true[sample]):g}"
                f". Expected metres, below {FARTHEST:g}; 0 or NaN where it is "
                "not measured."
            )

    def labelled(self, y_true):
        """Which samples have a measured pixel: boolean (B,)."""
        return any_in_sample(is_measured(y_true))
