"""Panoptic quality at the ends of epochs."""

import numpy as np

from mtvision.metrics.data_batches import (
    count_batches,
    has_label,
    inputs_of,
    read_batches,
)
from mtvision.metrics.epoch_evaluation import EpochEvaluation
from mtvision.metrics.panoptic_evaluate import (
    COUNTS,
    panoptic_counts,
    panoptic_result,
    require_classes,
)
from mtvision.ops.arrays import as_array


class PanopticQuality(EpochEvaluation):
    """Evaluates panoptic maps at the end of each epoch of `fit`.

    The scores go into the logs, as `val_PQ`, `val_SQ`, `val_PQ_things` and
    so on, for the callbacks that come after it in the list. Without `fit`,
    `evaluate()` gives the scores. Batches are counted one by one, so that no
    more than one is held.

    Args:
        data: Batches of `(inputs, truth, sample_weights)`:
            `mtvision.data.Batches`, any `PyDataset`, a `tf.data` pipeline or
            another iterable. `truth[task]` holds maps (B, H, W) as for
            `panoptic_evaluate`. Samples whose weight for the task is 0 carry
            no label and are left out.
        segmenter: `keras.Model` from the inputs of the model in training, or
            some of a dict of them, to maps (B, H, W), or to a dict with them
            as `"panoptic"`; it shares the layers of the model.
        num_classes: C.
        things: Numbers of the classes that are countable.
        task: Name of the task in the truth.
        divisor: What the class is multiplied by.
        class_names: List of C names, or `None`.
        prefix: What the names in the logs begin with.
        every: Number of epochs from one evaluation to the next.
        per_class: Whether to add the `PQ` of each class, as `PQ_cat`.

    Attributes:
        result: The `PanopticResult` of the last evaluation, or `None`.

    Raises:
        ValueError: If an option is not of its kind; when it runs, if the
            data holds no label of the task or makes no sense.

    Example:

    >>> image = keras.Input((4, 4, 1))
    >>> segmenter = keras.Model(image, image[..., 0])  # it pretends
    >>> pixels = np.array([[[[1001.0]] * 4] * 2 + [[[0.0]] * 4] * 2])
    >>> truth = {"panoptic": pixels[..., 0].astype("int32")}
    >>> evaluation = PanopticQuality(
    ...     [(pixels, truth)], segmenter, num_classes=2, things=[1])
    >>> evaluation.evaluate()["PQ"]
    1.0

    Reference:
        Kirillov et al., "Panoptic Segmentation", 2019.
    """

    def __init__(
        self,
        data,
        segmenter,
        *,
        num_classes,
        things,
        task="panoptic",
        divisor=1000,
        class_names=None,
        prefix="val_",
        every=1,
        per_class=False,
    ):
        super().__init__(segmenter, prefix=prefix, every=every)
        require_classes(num_classes, things, divisor)
        if class_names is not None and len(class_names) != num_classes:
            raise ValueError(
                f"Expected {num_classes} class_names, received "
                f"{len(class_names)}."
            )
        self.data = data
        self.segmenter = segmenter
        self.num_classes = num_classes
        self.things = things
        self.task = task
        self.divisor = divisor
        self.class_names = class_names
        self.per_class = per_class
        self.result = None

    def evaluate(self):
        """Evaluates the segmenter as it is now.

        Returns:
            Dict from name, without the prefix, to score, as `scores` of
            `PanopticResult`.
        """
        total = np.zeros((len(COUNTS), self.num_classes))
        labelled = 0
        count_batches(self.data)  # raises
        for step, batch in enumerate(read_batches(self.data)):
            inputs, y_true, weights = batch
            truth = self._truth(y_true, step)
            rows = np.flatnonzero(has_label(weights, self.task, len(truth)))
            found = self._maps(inputs)
            if len(found) != len(truth):
                raise ValueError(
                    f"Batch {step}: expected a map for each of {len(truth)} "
                    f"samples, received {len(found)} of the segmenter."
                )
            for row in rows:
                total += self._counts(truth[row], found[row], step, row)
            labelled += len(rows)
        if not labelled:
            raise ValueError(
                f"Expected samples with a label of task {self.task!r} to "
                "evaluate, but found none."
            )
        self.result = panoptic_result(total, self.things)
        scores = dict(self.result.scores)
        if self.per_class:
            names = self.class_names or range(self.num_classes)
            of_class = self.result.class_scores["PQ"].tolist()
            scores |= {f"PQ_{n}": x for n, x in zip(names, of_class)}
        return scores

    def _truth(self, y_true, step):
        known = sorted(y_true) if isinstance(y_true, dict) else "no dict"
        if not isinstance(y_true, dict) or self.task not in y_true:
            raise ValueError(
                f"Batch {step}: expected a truth that holds maps for the task "
                f"{self.task!r}, received {known}."
            )
        truth = as_array(y_true[self.task])
        return truth[..., 0] if truth.ndim == 4 else truth

    def _maps(self, inputs):
        found = self.segmenter.predict_on_batch(
            inputs_of(self.segmenter, inputs)
        )
        if isinstance(found, dict):
            if "panoptic" not in found:
                raise ValueError(
                    "Expected a segmenter that gives 'panoptic', received "
                    f"{sorted(found)}."
                )
            found = found["panoptic"]
        return found

    def _counts(self, truth, found, step, row):
        try:
            return panoptic_counts(
                *(_whole(each) for each in (truth, found)),
                num_classes=self.num_classes,
                things=self.things,
                divisor=self.divisor,
            )
        except ValueError as error:
            raise ValueError(f"Batch {step}, sample {row}: {error}") from None


def _whole(segments):
    """A map as integers: NaN, a missing label, becomes -1."""
    if segments.dtype.kind != "f":
        return segments
    return np.nan_to_num(segments, nan=-1).astype("int64")
