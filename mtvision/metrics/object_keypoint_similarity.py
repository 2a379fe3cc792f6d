"""Object key point similarity, as COCO's."""

import keras
from keras import ops

from mtvision.metrics.keypoint_average import (
    require_keypoints,
    require_one_batch,
)
from mtvision.ops.averages import spread_weight
from mtvision.ops.keypoint_conventions import COCO_KEYPOINTS
from mtvision.ops.keypoint_scores import (
    keypoint_distances,
    object_areas,
    object_keypoint_similarity,
    read_keypoints,
)
from mtvision.ops.option_checks import require_above_zero, require_list


@keras.saving.register_keras_serializable(package="mtvision")
class ObjectKeypointSimilarity(keras.metrics.Mean):
    """Mean similarity of key points, from 0 to 1, over all objects.

    A point whose error is twice its sigma times the root of the object's
    area scores 0.61. Objects without a given point are left out, and so are
    those whose area is not known.

    Truth and predictions as for `KeypointError`; a dict may hold the object's
    `"area"` (B,), square pixels, as COCO's files do. Without it, it is the
    area of the box, or of what the points span: a single point spans none.
    `sample_weight` is (B,).

    Args:
        sigmas: K numbers, how far annotators differ for each point as a share
            of the object's size; by default those of COCO's 17 points.

    Raises:
        ValueError: If there is no sigma, or one is not above 0.

    Example:

    >>> metric = ObjectKeypointSimilarity(sigmas=(0.1, 0.1))
    >>> truth = {"keypoints": [[[0.0, 0.0, 2.0], [0.0, 8.0, 2.0]]],
    ...          "area": [100.0]}
    >>> metric.update_state(truth, [[[0.0, 4.0], [0.0, 8.0]]])
    >>> round(float(metric.result()), 3)
    0.568

    Reference:
        Lin et al., Microsoft COCO, 2014. Equal to pycocotools' for true
        areas.
    """

    def __init__(
        self,
        *,
        sigmas=COCO_KEYPOINTS.sigmas,
        name="object_keypoint_similarity",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        require_list(sigmas, 1, "sigmas")
        for sigma in sigmas:
            require_above_zero(sigma, "sigmas")
        self.sigmas = tuple(sigmas)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        truth, y_pred = read_keypoints(y_true), ops.convert_to_tensor(y_pred)
        require_keypoints(y_pred, len(self.sigmas), self.name)
        require_keypoints(truth.points, len(self.sigmas), self.name)
        require_one_batch(truth.points, y_pred, self.name)
        areas = object_areas(truth)
        similarity = object_keypoint_similarity(
            keypoint_distances(truth, y_pred),
            truth.given,
            areas,
            self.sigmas,
        )
        known = ops.logical_and(ops.any(truth.given, axis=1), areas > 0)
        similarity = ops.where(known, similarity, 0.0)
        weight = ops.cast(known, "float32")
        if sample_weight is not None:
            weight = weight * spread_weight(sample_weight, weight)
        super().update_state(similarity, sample_weight=weight)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "sigmas": self.sigmas}
