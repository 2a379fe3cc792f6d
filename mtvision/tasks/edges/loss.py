"""Loss of edges."""

import keras

from mtvision.ops.edge_matching import balanced_edge_loss, edge_logits
from mtvision.ops.labels import any_in_sample, is_labelled, match_rank
from mtvision.ops.option_checks import require_within
from mtvision.ops.shapes import require_same_shape
from mtvision.ops.truth_checks import check_class_maps


@keras.saving.register_keras_serializable(package="mtvision")
class EdgesLoss(keras.losses.Loss):
    """Cross entropy in which edges weigh as much as all other pixels.

    Truth is (B, H, W) or (B, H, W, 1): 1 on an edge, 0 elsewhere; -1 and 255
    are unlabelled. Predictions are logits (B, H, W, 1). Pixels on an edge
    weigh as the share of the sample's labelled pixels that are on none, the
    others 1 less that; the mean is over the labelled pixels, where the paper
    has a sum. The share is at most 0.99, so that a sample without an edge
    still teaches.

    Args:
        positive_weight: Weight of pixels on an edge, the same for all
            samples, from 0 to 1; others weigh 1 less it. Multi-task papers
            use 0.95. `None` balances each sample.

    Raises:
        ValueError: If the weight is not from 0 to 1.

    Example:

    >>> import numpy as np
    >>> truth, logits = np.array([[[1, 0, 0, 255]]]), np.zeros((1, 1, 4, 1))
    >>> round(float(EdgesLoss()(truth, logits)), 4)  # 2 * 2 / 9 * log(2)
    0.3081

    Reference:
        Xie and Tu, Holistically-Nested Edge Detection, 2015; Maninis et al.,
        Attentive Single-Tasking of Multiple Tasks, 2019 (a weight of 0.95).
    """

    def __init__(
        self,
        *,
        positive_weight=None,
        reduction="sum_over_batch_size",
        name="edges_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_within(positive_weight, 0, 1, "positive_weight", or_none=True)
        self.positive_weight = positive_weight

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        labels = match_rank(y_true, y_pred)
        logits = edge_logits(y_pred, self.name)
        require_same_shape(labels, logits, self.name)
        return balanced_edge_loss(
            labels, logits, positive_weight=self.positive_weight
        )

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds 0 and 1 for such predictions."""
        edge_logits(y_pred, self.name)
        check_class_maps(y_true, y_pred, ignore_class=255, head="EdgesHead")

    def labelled(self, y_true):
        """Which samples have a labelled pixel: boolean (B,)."""
        return any_in_sample(is_labelled(y_true, num_classes=2))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "positive_weight": self.positive_weight}
