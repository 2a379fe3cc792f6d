"""Focal loss of class indices."""

import keras

from mtvision.losses.class_index_loss import ClassIndexLoss
from mtvision.ops.focal import categorical_focal
from mtvision.ops.option_checks import require_not_negative


@keras.saving.register_keras_serializable(package="mtvision")
class CategoricalFocal(ClassIndexLoss):
    """Cross entropy of classes that looks away from what is right already.

    `(1 - p_t) ** gamma (-log p_t)`, where p_t is the probability of the true
    class, averaged over the labelled elements of each sample.

    Truth is class indices (B, ...) or (B, ..., 1); elements with a negative
    label, `ignore_class` or an index beyond the classes carry no label.
    Predictions are logits (B, ..., C); with C = 1 they speak of class 1
    against class 0. A dict of `labels` and `weights` of the same shape weighs
    the elements.

    Args:
        gamma: How much less an element counts that is nearly right; 0 gives
            the cross entropy.
        ignore_class: A class index that means "unlabelled", such as 255.
        class_weights: `None`, or one factor a class (two if C = 1): the
            paper's alpha.

    Raises:
        ValueError: If `gamma` is negative.

    Example:

    >>> loss = CategoricalFocal(ignore_class=255)
    >>> truth, logits = np.array([[1, 255]]), np.zeros((1, 2, 4))
    >>> round(float(loss(truth, logits)), 4)
    0.7798

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017, with the
        softmax in place of the sigmoid.
    """

    def __init__(
        self,
        *,
        gamma=2.0,
        ignore_class=None,
        class_weights=None,
        reduction="sum_over_batch_size",
        name="categorical_focal",
    ):
        super().__init__(
            ignore_class=ignore_class,
            class_weights=class_weights,
            reduction=reduction,
            name=name,
        )
        require_not_negative(gamma, "gamma")
        self.gamma = gamma

    def element_losses(self, labels, logits):
        """Returns the focal loss of each element, (B, ...)."""
        return categorical_focal(labels, logits, gamma=self.gamma)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "gamma": self.gamma}
