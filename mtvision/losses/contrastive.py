"""Loss of pairs that show the same identity, or do not."""

import keras
import numpy as np
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.embeddings import contrastive
from mtvision.ops.labels import any_in_sample, is_labelled
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.truth_checks import check_samples, first_sample


@keras.saving.register_keras_serializable(package="mtvision")
class Contrastive(keras.losses.Loss):
    """Squared distance of equals, squared lack of distance of others.

    `d ** 2` for a pair of one identity, `max(margin - d, 0) ** 2` for a pair
    of two. Truth is (B,) or (B, 1): 1 for one identity, 0 for two, -1 or NaN
    where it is not known. Predictions are squared distances d ** 2, (B, 1),
    as `SquaredDistance` gives them.

    Args:
        margin: Distance d, not its square, from which pairs of two
            identities are left alone. Embeddings of length 1 are at most 2
            apart.

    Raises:
        ValueError: If the margin is not above 0, or shapes differ.

    Example:

    >>> loss = Contrastive(margin=1.0)
    >>> truth, squared = np.array([1, 0]), np.array([[0.5], [0.25]])
    >>> float(loss(truth, squared))
    0.375

    Reference:
        Hadsell et al., Dimensionality Reduction by Learning an Invariant
        Mapping, 2006, without its factor of 1/2.
    """

    def __init__(
        self, *, margin=1.0, reduction="sum_over_batch_size", name="contrastive"
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_above_zero(margin, "margin")
        self.margin = margin

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        same = _one_a_sample(y_true, "truth")
        squared = _one_a_sample(y_pred, "squared distances")
        check_samples(same, squared)
        labelled = is_labelled(same)
        values = contrastive(
            same, ops.where(labelled, squared, 0.0), margin=self.margin
        )
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth says yes or no of each pair."""
        _one_a_sample(y_true, "truth")
        _one_a_sample(y_pred, "squared distances")
        check_samples(y_true, y_pred)

        def is_bad(y):
            return ~(np.isin(y, (-1, 0, 1)) | np.isnan(y))

        sample = first_sample(y_true.astype("float64"), is_bad)
        if sample is not None:
            raise ValueError(
                f"sample {sample} has the label "
                f"{y_true[sample : sample + 1].flat[0]:g}, expected 1 for a "
                "pair of one identity, 0 for two. A missing label is -1."
            )

    def labelled(self, y_true):
        """Which pairs have a label: boolean (B,)."""
        return any_in_sample(is_labelled(y_true))

    def get_config(self):
        """Returns the argument, to revive it from."""
        return {**super().get_config(), "margin": self.margin}


def _one_a_sample(x, what):
    """Values (B,) of (B,) or (B, 1)."""
    if len(x.shape) == 2 and x.shape[1] == 1:
        return x[:, 0]
    if len(x.shape) != 1:
        raise ValueError(
            f"Expected {what} (B,) or (B, 1), one number a pair, received the "
            f"shape {tuple(x.shape)}."
        )
    return x
