"""Box losses of the IoU family."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.boxes import KINDS, aligned_box_iou
from mtvision.ops.labels import any_in_sample
from mtvision.ops.missing import is_given, is_not_nan
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class BoxIoU(keras.losses.Loss):
    """One minus the overlap of true and predicted boxes.

    Truth and predictions are (B, 4) or (B, M, 4), xyxy in pixels; the mean
    is over the M boxes of a sample. A truth box that holds a NaN carries no
    label and is left out.

    Args:
        kind: `"iou"`, `"giou"`, `"diou"` or `"ciou"`. All but `"iou"` have
            a gradient for boxes that do not touch.

    Raises:
        ValueError: If `kind` is unknown.

    Example:

    >>> import numpy as np
    >>> truth = np.array([[0.0, 0.0, 4.0, 4.0]])
    >>> loss = BoxIoU(kind="giou")
    >>> round(float(loss(truth, truth + [[2.0, 0.0, 2.0, 0.0]])), 3)
    0.667

    Reference:
        Rezatofighi et al., 2019; Zheng et al., 2020. Equal to torchvision's
        `generalized_`, `distance_` and `complete_box_iou_loss`.
    """

    def __init__(
        self, *, kind="ciou", reduction="sum_over_batch_size", name="box_iou"
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if kind not in KINDS:
            raise ValueError(
                f"Expected kind to be one of {KINDS}, received kind={kind!r}."
            )
        self.kind = kind

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_same_shape(y_true, y_pred, self.name)
        overlap = aligned_box_iou(y_pred, y_true, kind=self.kind)
        has_box = ops.all(is_not_nan(y_true), axis=-1)
        return masked_mean_per_sample(1 - overlap, has_box)

    def labelled(self, y_true):
        """Which samples have a labelled box: boolean (B,)."""
        return any_in_sample(ops.all(is_given(y_true), axis=-1))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "kind": self.kind}
