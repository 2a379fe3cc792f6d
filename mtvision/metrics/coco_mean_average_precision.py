"""COCO's evaluation at the ends of epochs."""

from mtvision.metrics.coco_evaluate import (
    coco_evaluate,
    require_kind,
    require_sigmas,
)
from mtvision.metrics.coco_tools import coco_tools
from mtvision.metrics.collect_detections import (
    collect_detections,
    require_detector,
)
from mtvision.metrics.epoch_evaluation import EpochEvaluation


class CocoMeanAveragePrecision(EpochEvaluation):
    """Evaluates a detector as COCO does, at the end of each epoch of `fit`.

    The scores go into the logs, as `val_AP`, `val_AP50` and so on: `History`,
    `ModelCheckpoint(path, monitor="val_AP", mode="max")` and `EarlyStopping`
    see them, if they come after this callback in the list. (Before it, Keras
    warns that `val_AP` is not available; and it knows of its own metrics only
    whether more is better, so that `mode` must be given.) Without `fit`,
    `evaluate()` gives the scores.

    Args:
        data: As for `collect_detections`. COCO scores key points by the area
            of the objects, and calls objects small or large by it; without
            `"area"` in the truth that of the box stands in, and scores of key
            points are higher than COCO's. With `mtvision.data` name it in the
            targets: `region_targets(model, objects=("boxes", "classes",
            "crowd", "area"))`; if the source knows it and the targets do not
            name it, there is a warning for key points.
        detector: `keras.Model` from the inputs of the model in training, or
            some of a dict of them, to a dict of detections, which shares its
            layers.
        task: Name of the task in the truth; with `region_targets`
            `"masks"` for masks and `"keypoints"` for key points.
        kind: `"boxes"`, `"masks"` or `"keypoints"`.
        class_names: List of C names, or `None`.
        sigmas: As for `coco_evaluate`.
        prefix: What the names in the logs begin with; two of these callbacks
            need two.
        every: Number of epochs from one evaluation to the next; in those
            between, `ModelCheckpoint` warns.
        per_class: Whether to add the `AP` of each class, as `AP_cat`.
        verbose: 1 for a progress bar, 2 for a line, 0 for nothing.

    Attributes:
        result: The `CocoResult` of the last evaluation, or `None`.

    Raises:
        ImportError: If pycocotools is missing.
        ValueError: If the kind is unknown, or the detector does not give such
            detections; when it
            runs, if the data holds no label of the task or makes no sense.

    Example:

    >>> image = keras.Input((8, 8, 3))
    >>> box = image[:, :1, :4, 0]  # a pretended detector of one object
    >>> found = {"boxes": box, "scores": box[..., 2], "classes": box[..., 0]}
    >>> pixels = np.ones((1, 8, 8, 3)) * [[[0], [0], [3], [4]] + [[0]] * 4]
    >>> objects = {"boxes": [[[0, 0, 3, 4]]], "classes": [[0]]}
    >>> evaluation = CocoMeanAveragePrecision(
    ...     [(pixels, {"boxes": objects})],
    ...     keras.Model(image, found),
    ...     verbose=0,
    ... )
    >>> round(evaluation.evaluate()["AP"], 3)
    1.0

    Reference:
        As for `coco_evaluate`.
    """

    def __init__(
        self,
        data,
        detector,
        *,
        task="boxes",
        kind="boxes",
        class_names=None,
        sigmas=None,
        prefix="val_",
        every=1,
        per_class=False,
        verbose=1,
    ):
        super().__init__(detector, prefix=prefix, every=every)
        # Rather now than at the end of the first epoch.
        coco_tools()
        require_kind(kind)
        require_detector(detector, kind)
        require_sigmas(sigmas)
        self.data = data
        self.detector = detector
        self.task = task
        self.kind = kind
        self.class_names = class_names
        self.sigmas = sigmas
        self.per_class = per_class
        self.verbose = verbose
        self.result = None

    def evaluate(self):
        """Evaluates the detector as it is now.

        Returns:
            Dict from name, without the prefix, to score, as `scores` of
            `CocoResult`.
        """
        truth, detections = collect_detections(
            self.data,
            self.detector,
            task=self.task,
            kind=self.kind,
            verbose=self.verbose,
        )
        names = self.class_names
        self.result = coco_evaluate(
            truth,
            detections,
            kind=self.kind,
            num_classes=None if names is None else len(names),
            sigmas=self.sigmas,
        )
        scores = dict(self.result.scores)
        if self.per_class:
            for number, score in enumerate(self.result.class_scores):
                name = number if names is None else names[number]
                scores[f"AP_{name}"] = float(score)
        return scores

    def on_epoch_end(self, epoch, logs=None):
        """Evaluates, and adds the scores to the logs."""
        if self.verbose == 1 and self.is_due(epoch):
            # The line above is the progress bar of `fit`.
            print(f"\nEvaluating {self.task!r} by COCO's rules")
        super().on_epoch_end(epoch, logs)
