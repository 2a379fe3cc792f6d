"""From the rows of key points to places in the image."""

import keras
from keras import layers, ops

from mtvision.ops.detections import same_spec
from mtvision.ops.keypoint_targets import keypoints_of_maps
from mtvision.ops.option_checks import require_count
from mtvision.tasks.region_keypoints.columns import count_keypoints, split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeRegionKeypoints(layers.Layer):
    """Takes the peak of each key point's map in a detection.

    The head is called on the boxes of the detections, pooled anew. No
    gradient flows.

    Args:
        max_side: As in `ops.keypoints_of_maps`: the most
            pixels along a side that a map is resized to.

    Call:
        rows: Tensor (B, D, S + 1, S, K) of `RegionKeypointsHead`, one row
            for each detection.
        detections: Dict of `"boxes"` (B, D, 4), `"classes"` (B, D), -1 in
            padding, and others, as `DecodeRegions` gives it.

    Returns:
        The detections, with `"keypoints"` (B, D, K, 3), x and y in pixels
        and 1, and `"keypoint_scores"` (B, D, K), the logit at the peak, both
        float32; zeros in rows of padding.

    Raises:
        ValueError: If an option is out of range or the rows do not fit.

    Example:

    >>> found = {"boxes": np.array([[[10, 10, 14, 14]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.zeros((1, 1, 4, 2, 1))  # S is 2
    >>> rows[0, 0, 0, 1] = 9.0
    >>> points = DecodeRegionKeypoints()(rows, found)["keypoints"]
    >>> [float(x) for x in points[0, 0, 0]]
    [13.5, 10.5, 1.0]

    Reference:
        He et al., Mask R-CNN, 2017.
    """

    def __init__(self, *, max_side=256, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_side, 1, "max_side")
        self.max_side = max_side

    def call(self, rows, detections):
        """Returns the detections with key points."""
        maps, _ = split(rows, self.name)
        points, scores = keypoints_of_maps(
            maps, detections["boxes"], max_side=self.max_side
        )
        is_real = ops.expand_dims(detections["classes"] >= 0, -1)
        points = ops.where(ops.expand_dims(is_real, -1), points, 0.0)
        scores = ops.where(is_real, scores, 0.0)
        return {**detections, "keypoints": points, "keypoint_scores": scores}

    def compute_output_spec(self, rows, detections):
        """Returns the shapes and dtypes of the detections."""
        number = count_keypoints(rows, self.name)
        shape = (*rows.shape[:2], number)
        return {
            **same_spec(detections),
            "keypoints": keras.KerasTensor((*shape, 3), "float32"),
            "keypoint_scores": keras.KerasTensor(shape, "float32"),
        }

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_side": self.max_side,
        }
