"""Verification of pairs at the ends of epochs."""

import numpy as np

from mtvision.metrics.data_batches import (
    count_batches,
    has_label,
    inputs_of,
    read_batches,
)
from mtvision.metrics.epoch_evaluation import EpochEvaluation
from mtvision.metrics.verification import (
    choose_threshold,
    verification_accuracy,
    verification_report,
)
from mtvision.ops.arrays import as_array


class PairVerification(EpochEvaluation):
    """Verifies pairs at the end of each epoch of `fit`.

    The scores go into the logs, as `val_eer`, `val_auc` and `val_accuracy`;
    the last is that of the best threshold, and so a little too good. For
    `EarlyStopping(monitor="val_eer", mode="min")` and its like, which must
    come after this callback in the list.

    Args:
        data: Batches `(inputs, truth)` or `(inputs, truth, sample_weights)`
            of pairs, such as `mtvision.data.Batches` of `VerificationPairs`;
            truth is a dict by task.
        model: `keras.Model` from the inputs to a dict with the squared
            distance (B, 1) of each pair, such as `models.Siamese`; it shares
            its layers with the model in training, or is that.
        task: Name of the distance, and of its truth.
        prefix: What the names in the logs begin with.
        every: Number of epochs from one evaluation to the next.

    Attributes:
        report: The `VerificationReport` of the last evaluation, or `None`.

    Raises:
        ValueError: If the model has no such output; when it runs, if the
            pairs are not of both kinds.

    Example:

    >>> one, two = (keras.Input((3,), name=name) for name in "ab")
    >>> distance = mtv.layers.SquaredDistance()(one, two)
    >>> model = keras.Model({"a": one, "b": two}, {"same": distance})
    >>> x = {"a": np.zeros((2, 3)), "b": np.eye(2, 3) * [[1], [2]]}
    >>> pairs = PairVerification([(x, {"same": np.array([1, 0])})], model)
    >>> pairs.evaluate()
    {'eer': 0.0, 'auc': 1.0, 'accuracy': 1.0}
    """

    def __init__(self, data, model, *, task="same", prefix="val_", every=1):
        super().__init__(model, prefix=prefix, every=every)
        outputs = getattr(model, "output", None)
        if not isinstance(outputs, dict) or task not in outputs:
            known = sorted(outputs) if isinstance(outputs, dict) else "no dict"
            raise ValueError(
                f"Expected a model with the output {task!r}, the distance of "
                f"each pair; received one with {known}. Make one of "
                "an embedder: mtvision.models.Siamese(embedder)."
            )
        count_batches(data)
        self.data = data
        self.task = task
        self.report = None

    def evaluate(self):
        """Verifies the pairs by the model as it is now.

        Returns:
            Dict of `"eer"`, `"auc"` and `"accuracy"`.
        """
        distances, same = [], []
        for inputs, y_true, weights in read_batches(self.data):
            inputs = inputs_of(self.evaluated, inputs)
            found = self.evaluated.predict_on_batch(inputs)[self.task]
            truth = as_array(y_true[self.task]).reshape(-1).astype("float64")
            truth[~has_label(weights, self.task, len(truth))] = -1
            distances.append(np.reshape(found, -1))
            same.append(truth)
        distances, same = np.concatenate(distances), np.concatenate(same)
        self.report = verification_report(distances, same)
        threshold = choose_threshold(distances, same)
        return {
            "eer": self.report.eer,
            "auc": self.report.auc,
            "accuracy": verification_accuracy(distances, same, threshold),
        }
