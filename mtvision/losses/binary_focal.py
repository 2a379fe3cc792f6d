"""Focal loss of yes-or-no labels."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.focal import binary_focal
from mtvision.ops.labels import any_in_sample, is_share
from mtvision.ops.option_checks import require_not_negative, require_within
from mtvision.ops.shapes import require_same_shape
from mtvision.ops.truth_checks import check_shares


@keras.saving.register_keras_serializable(package="mtvision")
class BinaryFocal(keras.losses.Loss):
    """Cross entropy that looks away from what is right already.

    `alpha_t (1 - p_t) ** gamma (-log p_t)`, where p_t is the probability of
    the label, averaged over the labelled elements of each sample.

    Truth is (B, ...) in {0, 1} (or in between), NaN or -1 where an element
    carries no label. Predictions are logits of the same shape.

    Args:
        alpha: Weight of the label 1, from 0 to 1; that of 0 is `1 - alpha`.
            `None` gives both the weight 1.
        gamma: How much less an element counts that is nearly right; 0 gives
            the cross entropy.

    Raises:
        ValueError: If `alpha` or `gamma` is out of range.

    Example:

    >>> loss = BinaryFocal()
    >>> truth, logits = np.array([[1, 0, -1]]), np.array([[0.0, -9.0, 5.0]])
    >>> round(float(loss(truth, logits)), 4)
    0.0217

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017. An element
        equals torchvision's `sigmoid_focal_loss`.
    """

    def __init__(
        self,
        *,
        alpha=0.25,
        gamma=2.0,
        reduction="sum_over_batch_size",
        name="binary_focal",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_within(alpha, 0, 1, "alpha", or_none=True)
        require_not_negative(gamma, "gamma")
        self.alpha = alpha
        self.gamma = gamma

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_same_shape(y_true, y_pred, self.name)
        labelled = is_share(y_true)
        labels = ops.where(labelled, y_true, 0.0)
        values = binary_focal(
            labels, y_pred, alpha=self.alpha, gamma=self.gamma
        )
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds labels for such predictions."""
        require_same_shape(y_true, y_pred, self.name)
        check_shares(y_true)

    def labelled(self, y_true):
        """Which samples have a labelled element: boolean (B,)."""
        return any_in_sample(is_share(y_true))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "gamma": self.gamma,
        }
