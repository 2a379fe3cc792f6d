"""What metrics that average over key points have in common."""

import keras
from keras import ops

from mtvision.metrics.exact_sums import ExactSums
from mtvision.ops.averages import spread_weight
from mtvision.ops.keypoint_scores import (
    keypoint_distances,
    read_keypoints,
    reference_lengths,
    require_reference,
)
from mtvision.ops.option_checks import require_count


class KeypointAverage(ExactSums):
    """Mean of a score of distances, over all key points that are given.

    Args:
        num_keypoints: K.
        reference: What distances are divided by: `None` for pixels, `"box"`
            or a pair of key points.
        name: Name of the metric.
        dtype: As for `keras.metrics.Metric`.
    """

    def __init__(self, num_keypoints, *, reference, name, dtype=None):
        require_count(num_keypoints, 1, "num_keypoints")
        require_reference(reference, num_keypoints)
        super().__init__((2, num_keypoints), name=name, dtype=dtype)
        self.num_keypoints = num_keypoints
        pair = isinstance(reference, list | tuple)
        self.reference = tuple(reference) if pair else reference

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        truth, y_pred = read_keypoints(y_true), ops.convert_to_tensor(y_pred)
        require_keypoints(y_pred, self.num_keypoints, self.name)
        require_keypoints(truth.points, self.num_keypoints, self.name)
        require_one_batch(truth.points, y_pred, self.name)
        lengths = reference_lengths(truth, self.reference)[:, None]
        counted = ops.logical_and(truth.given, lengths > 0)
        distances = keypoint_distances(truth, y_pred)
        scores = self.score(distances / ops.where(lengths > 0, lengths, 1.0))
        weight = ops.cast(counted, "float32")
        if sample_weight is not None:
            weight = weight * spread_weight(sample_weight, weight)
        scores = ops.where(counted, scores * weight, 0.0)
        self.add(ops.sum(ops.stack([scores, weight]), axis=1))

    def score(self, distances):
        """What is averaged, from the distances (B, K)."""
        raise NotImplementedError

    def result(self):
        """Returns the mean over all points; 0 where there are none."""
        total, weight = ops.unstack(ops.sum(self.sums(), axis=1))
        return ops.where(weight > 0, total / ops.maximum(weight, 1e-12), 0.0)

    def per_keypoint(self):
        """The mean for each key point.

        Returns:
            Numpy array (K,), NaN for a point that was never given.
        """
        total, weight = keras.ops.convert_to_numpy(self.sums())
        weight[weight == 0] = float("nan")
        return total / weight

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_keypoints": self.num_keypoints,
            "reference": self.reference,
        }


def require_keypoints(keypoints, number, name):
    """Raises unless there are as many key points as expected.

    Args:
        keypoints: Tensor (B, K, 2) or (B, K, 3).
        number: K.
        name: What asks, for the message.

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> require_keypoints(np.zeros((8, 14, 3)), 14, "PCK")
    """
    shape = tuple(keypoints.shape)
    if len(shape) != 3 or shape[1] != number or shape[2] not in (2, 3):
        raise ValueError(
            f"{name} expects key points (B, {number}, 3) or (B, {number}, 2), "
            f"received shape {shape}."
        )


def require_one_batch(points, predicted, name):
    """Raises unless truth and predictions have as many samples.

    Args:
        points: Tensor (B, K, 2).
        predicted: Tensor (B, K, 2) or (B, K, 3).
        name: What asks, for the message.

    Raises:
        ValueError: If one has more; numbers that are not known may be equal.

    Example:

    >>> require_one_batch(np.zeros((8, 14, 2)), np.zeros((8, 14, 3)), "PCK")
    """
    true, found = points.shape[0], predicted.shape[0]
    if None not in (true, found) and true != found:
        raise ValueError(
            f"{name} expects a prediction for each sample, received {found} "
            f"for {true} samples. Repeat one for all with `np.repeat`."
        )
