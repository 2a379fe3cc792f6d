"""Mean distance of key points from where they are."""

import keras

from mtvision.metrics.keypoint_average import KeypointAverage


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointError(KeypointAverage):
    """Mean distance between true and predicted key points.

    Truth is (B, K, 3), x, y in pixels and a visibility, 0 where the point is
    not given; or (B, K, 2), NaN or (-1, -1) where it is not; or a dict of it
    as `"keypoints"` and the object's `"box"` (B, 4). Predictions are
    (B, K, 2) or (B, K, 3). Points that are not given are left out, and so are
    samples whose reference is not known. `sample_weight` is (B,) or (B, K).
    `per_keypoint()` gives the mean for each point.

    Args:
        num_keypoints: K.
        reference: What distances are divided by: `None` for pixels; `"box"`
            for the longer side of the object's box, or of what its points
            span; a pair of key points for the distance between them, as the
            eyes of a face.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> metric = KeypointError(2)
    >>> truth = [[[1.0, 2.0, 2.0], [7.0, 7.0, 0.0]]]
    >>> metric.update_state(truth, [[[4.0, 6.0], [0.0, 0.0]]])
    >>> float(metric.result()), metric.per_keypoint().tolist()
    (5.0, [5.0, nan])
    """

    def __init__(
        self,
        num_keypoints,
        *,
        reference=None,
        name="keypoint_error",
        dtype=None,
    ):
        super().__init__(
            num_keypoints, reference=reference, name=name, dtype=dtype
        )

    def score(self, distances):
        """The distances themselves."""
        return distances
