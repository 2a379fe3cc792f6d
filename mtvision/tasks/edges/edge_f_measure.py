"""F measure of edges at the best threshold."""

import keras
import numpy as np
from keras import ops

from mtvision.metrics.exact_counts import ExactCounts
from mtvision.ops.edge_matching import edge_counts, edge_logits, edge_scores
from mtvision.ops.labels import match_rank
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class EdgeFMeasure(ExactCounts):
    """F measure of edges at the threshold that is best for the data set.

    Truth is (B, H, W) or (B, H, W, 1): 1 on an edge, 0 elsewhere; -1 and 255
    are left out. Predictions are logits (B, H, W, 1); NaN is wrong.
    `sample_weight` is (B,) or (B, H, W).

    A pixel predicted as edge is right if a true edge is no further than
    `tolerance`, a true one is found if a predicted one is. The measure is the
    harmonic mean of the shares that are right and found, counted over all
    batches; the largest over the thresholds is the result (ODS, one threshold
    for the data set). `best_threshold()` tells where.

    It is no number of the Berkeley benchmark (BSDS): there predictions are
    thinned, distances are Euclidean, and each true pixel is matched to one
    predicted pixel only, so that thick predictions are punished. Here several
    may match the same, and near is a square. Without a tolerance there is no
    difference but the thinning.

    Args:
        tolerance: Pixels in each direction, diagonals too.
        num_thresholds: T: thresholds k / (T + 1) of the probability, k from 1.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> truth = np.array([[[1, 0, 0, 255]]])
    >>> logits = np.array([[[[2.0], [-1.0], [1.0], [3.0]]]])
    >>> metric = EdgeFMeasure(tolerance=0)
    >>> metric.update_state(truth, logits)
    >>> float(metric.result()), metric.best_threshold() > 0.73
    (1.0, True)

    Reference:
        Martin et al., Learning to Detect Natural Image Boundaries Using
        Local Brightness, Color, and Texture Cues, 2004, for the benchmark.
    """

    def __init__(
        self, *, tolerance=1, num_thresholds=99, name="ods_f", dtype=None
    ):
        require_count(tolerance, 0, "tolerance")
        require_count(num_thresholds, 1, "num_thresholds")
        super().__init__((4, num_thresholds), name=name, dtype=dtype)
        self.tolerance = tolerance
        self.num_thresholds = num_thresholds

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        y_pred = ops.cast(y_pred, "float32")
        labels = match_rank(ops.convert_to_tensor(y_true), y_pred)
        logits = edge_logits(y_pred, self.name)
        require_same_shape(labels, logits, self.name)
        sums = edge_counts(
            labels,
            ops.sigmoid(logits),
            tolerance=self.tolerance,
            num_thresholds=self.num_thresholds,
            sample_weight=sample_weight,
        )
        self.add(*sums)

    def result(self):
        """Returns the measure so far."""
        return ops.max(edge_scores(self.totals()))

    def best_threshold(self):
        """The probability from which on a pixel is best taken as edge."""
        scores = ops.convert_to_numpy(edge_scores(self.totals()))
        return float(np.argmax(scores) + 1) / (self.num_thresholds + 1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "tolerance": self.tolerance,
            "num_thresholds": self.num_thresholds,
        }
