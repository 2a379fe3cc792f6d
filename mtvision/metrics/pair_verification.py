"""Verification of pairs at the ends of epochs."""

from mtvision.metrics.collect_pairs import collect_pairs, require_distance
from mtvision.metrics.data_batches import count_batches
from mtvision.metrics.epoch_evaluation import EpochEvaluation
from mtvision.metrics.verification import (
    choose_threshold,
    verification_accuracy,
    verification_report,
)


class PairVerification(EpochEvaluation):
    """Verifies pairs at the end of each epoch of `fit`.

    The scores go into the logs, as `val_eer`, `val_auc` and `val_accuracy`;
    the last is that of the best threshold, and so a little too good. For
    `EarlyStopping(monitor="val_eer", mode="min")` and its like, which must
    come after this callback in the list.

    Args:
        data: As for `collect_pairs`.
        model: Likewise; it shares its layers with the model in training, or
            is that.
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
        require_distance(model, task)
        count_batches(data)
        self.data = data
        self.task = task
        self.report = None

    def evaluate(self):
        """Verifies the pairs by the model as it is now.

        Returns:
            Dict of `"eer"`, `"auc"` and `"accuracy"`.
        """
        distances, same = collect_pairs(
            self.data, self.evaluated, task=self.task
        )
        self.report = verification_report(distances, same)
        threshold = choose_threshold(distances, same)
        return {
            "eer": self.report.eer,
            "auc": self.report.auc,
            "accuracy": verification_accuracy(distances, same, threshold),
        }
