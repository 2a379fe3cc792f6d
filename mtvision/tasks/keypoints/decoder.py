"""From vectors or maps to key points."""

import keras
from keras import layers, ops

from mtvision.ops.keypoint_maps import find_keypoint_peaks
from mtvision.ops.option_checks import require_within
from mtvision.tasks.keypoints.columns import (
    count_keypoints,
    split,
    split_maps,
)


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeKeypoints(layers.Layer):
    """Reads the key points of vectors, or takes them from the peaks of maps.

    Peaks are placed between the cells, see `ops.find_keypoint_peaks`.

    Args:
        threshold: Key points of a lower score get a visibility of 0.

    Call:
        outputs: Vectors (B, 1 + 2 K) of `KeypointsHead` or maps
            (B, h, w, K + 4) of `KeypointMapsHead`.

    Returns:
        Dict of float32 tensors: `"keypoints"` (B, K, 3), x and y in pixels
        and 1, or 0 below the threshold; `"scores"` (B, K), of maps the value
        at the peak, of vectors that of the object; `"present"` (B,), the
        probability that the object is there, of maps the mean score.

    Raises:
        ValueError: If the threshold is not from 0 to 1, or the outputs have
            another shape.

    Example:

    >>> decode = DecodeKeypoints()
    >>> found = decode(np.array([[0.0, 5, 6, 7, 8]]))
    >>> [float(x) for x in found["keypoints"][0, 1]]
    [7.0, 8.0, 1.0]
    >>> float(found["present"][0])
    0.5
    """

    def __init__(self, *, threshold=0.0, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_within(threshold, 0, 1, "threshold")
        self.threshold = threshold

    def call(self, outputs):
        """Returns the key points."""
        points, scores, present = read_outputs(outputs, self.name)
        seen = ops.cast(scores >= self.threshold, "float32")
        points = ops.concatenate([points, seen[..., None]], axis=-1)
        return {"keypoints": points, "scores": scores, "present": present}

    def compute_output_spec(self, outputs):
        """Returns the shapes and dtypes of the key points."""
        shape = (outputs.shape[0], count_keypoints(outputs, self.name))
        spec = {"keypoints": (*shape, 3), "scores": shape, "present": shape[:1]}
        return {k: keras.KerasTensor(v, "float32") for k, v in spec.items()}

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "threshold": self.threshold}


def read_outputs(outputs, name):
    """Points, scores and presence of vectors or maps.

    Args:
        outputs: Tensor (B, 1 + 2 K) or (B, h, w, K + 4).
        name: What asks, for the message.

    Returns:
        `(points, scores, present)`: (B, K, 2) in pixels, (B, K) and (B,).

    Raises:
        ValueError: If the shape is neither.

    Example:

    >>> points, _, _ = read_outputs(np.zeros((8, 29)), "a metric")
    >>> tuple(points.shape)
    (8, 14, 2)
    """
    number = count_keypoints(outputs, name)
    outputs = ops.convert_to_tensor(outputs)
    if len(outputs.shape) == 2:
        logit, points = split(outputs)
        present = ops.sigmoid(logit)
        return points, ops.tile(present[:, None], (1, number)), present
    values, start, step = split_maps(outputs)
    places, peaks = find_keypoint_peaks(values)
    scores = ops.clip(peaks, 0.0, 1.0)
    return start + places * step, scores, ops.mean(scores, axis=1)
