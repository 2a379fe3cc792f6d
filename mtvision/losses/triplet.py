"""Loss of embeddings by the triplets of a batch."""

import warnings

import keras
import numpy as np
from keras import ops

from mtvision.ops.embeddings import MININGS, triplet
from mtvision.ops.labels import any_in_sample, is_labelled
from mtvision.ops.missing import fill_missing
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.shapes import require_rank
from mtvision.ops.truth_checks import check_class_indices, check_samples


@keras.saving.register_keras_serializable(package="mtvision")
class Triplet(keras.losses.Loss):
    """Each face nearer to those of its person than to others, by a margin.

    Each sample of the batch is an anchor; what it is compared with is mined
    among the others: see `mining`. Truth is identities (B,) or (B, 1), any
    whole numbers from 0, -1 or NaN where not known. Predictions are embeddings
    (B, D), best of length 1. So a batch needs several faces of a person:
    `mtvision.data.Batches(..., group_by="identity", group_size=4)`.

    An anchor without a positive or without a negative in its batch has a loss
    of 0, and stays a negative for others.

    Args:
        margin: In squared distance.
        mining: `"semi-hard"`: for each positive the nearest negative beyond
            it, or the farthest one if none is. `"hard"`: the farthest
            positive and the nearest negative. `"all"`: the mean over the
            triplets that break the margin.

    Raises:
        ValueError: If an option is out of range, or shapes do not fit.

    Example:

    >>> embeddings = np.array([[0.0], [1.0], [2.0]])
    >>> loss = Triplet(margin=0.3)(np.array([0, 0, 1]), embeddings)
    >>> round(float(loss), 3)
    0.1

    Reference:
        Schroff et al., FaceNet, 2015; Hermans et al., In Defense of the
        Triplet Loss for Person Re-Identification, 2017.
    """

    def __init__(
        self,
        *,
        margin=0.2,
        mining="semi-hard",
        reduction="sum_over_batch_size",
        name="triplet",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_above_zero(margin, "margin")
        if mining not in MININGS:
            raise ValueError(
                f"Expected mining to be one of {MININGS}, received {mining!r}."
            )
        self.margin = margin
        self.mining = mining

    def __call__(self, y_true, y_pred, sample_weight=None):
        """As any loss of Keras, but for identities beyond float32."""
        # Keras makes the truth float32, in which 2**24 is 2**24 + 1.
        return super().__call__(_renumbered(y_true), y_pred, sample_weight)

    def call(self, y_true, y_pred):
        """Returns the loss of each anchor, (B,)."""
        require_rank(y_pred.shape, 2, "embeddings (B, D)")
        check_samples(y_true, y_pred)
        identities = _identities(y_true)
        # A NaN would reach other samples through the gradient of their
        # distance.
        embeddings = fill_missing(y_pred, identities >= 0)
        return triplet(
            identities, embeddings, margin=self.margin, mining=self.mining
        )

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds one identity a sample."""
        require_rank(y_pred.shape, 2, "embeddings (B, D)")
        check_samples(y_true, y_pred)
        check_class_indices(y_true, 2**31)
        known = _flat(y_true)[_flat(y_true) >= 0]
        if len(known) > 1 and len(np.unique(known)) == len(known):
            warnings.warn(
                "No two samples of a batch show the same identity, so that it "
                "teaches nothing. Give batches with several samples of each: "
                'mtvision.data.Batches(..., group_by="identity").',
                stacklevel=2,
            )

    def labelled(self, y_true):
        """Which samples have an identity: boolean (B,)."""
        return any_in_sample(is_labelled(y_true))

    def unlabel(self, y_true, labelled):
        """Takes the identities from samples, which then join no triplet."""
        return ops.where(labelled, _identities(y_true), -1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "margin": self.margin,
            "mining": self.mining,
        }


def _flat(y_true):
    if len(y_true.shape) == 2 and y_true.shape[1] == 1:
        return y_true[:, 0]
    require_rank(y_true.shape, 1, "identities (B,) or (B, 1)")
    return y_true


def _renumbered(y_true):
    """Identities (B,), below B: the first sample with the same, or -1."""
    identities = _identities(ops.convert_to_tensor(y_true))
    first = ops.argmax(identities[:, None] == identities[None], axis=1)
    return ops.where(identities >= 0, ops.cast(first, "int32"), -1)


def _identities(y_true):
    """Identities (B,), int32, -1 where not known."""
    flat = ops.convert_to_tensor(_flat(y_true))
    return ops.cast(ops.where(is_labelled(flat), flat, -1), "int32")
