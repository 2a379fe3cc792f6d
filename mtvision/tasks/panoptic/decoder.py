"""From masks of things and logits of pixels to a map of segments."""

import keras
from keras import layers

from mtvision.ops.confusion import predicted_classes
from mtvision.ops.detections import same_spec
from mtvision.ops.option_checks import (
    require_count,
    require_not_negative,
    require_within,
)
from mtvision.ops.panoptic_merging import merge_panoptic, require_things


@keras.saving.register_keras_serializable(package="mtvision")
class DecodePanoptic(layers.Layer):
    """Merges detections with masks and a map of classes into segments.

    See `mtvision.ops.merge_panoptic`. No gradient flows.

    Args:
        things: Numbers, among all classes, of those of the detections, in
            their order. The other classes are stuff.
        score_threshold: Only things whose score is at least that are drawn.
        overlap_threshold: The largest share of a mask that better ones may
            have.
        min_stuff_area: Pixels that a kind of stuff needs.
        divisor: What the class is multiplied by.

    Call:
        detections: Dict of `"masks"` (B, D, H, W), `"scores"` and
            `"classes"` (B, D), and others, as `DecodeRegionMasks` gives it.
        logits: Tensor (B, H, W, C), as `SegmentationHead` gives it.

    Returns:
        The detections, with `"panoptic"` (B, H, W), class (of all) times
        `divisor` plus number of the thing in its class, from 1, or 0 for
        stuff; -1 for none; and `"segments"` (B, D + C), the number in the map
        of each detection, and then of each class of stuff, -1 of those that
        are not in it; both int32.

    Raises:
        ValueError: If an option is out of range, or shapes do not fit.

    Example:

    >>> found = {"masks": np.array([[[[1, 1, 0, 0]]]]),
    ...          "scores": np.array([[0.9]]), "classes": np.array([[0]])}
    >>> logits = np.array([[[[2.0, 0.0]] * 4]])
    >>> merged = DecodePanoptic([1], min_stuff_area=0)(found, logits)
    >>> [int(x) for x in merged["panoptic"][0, 0]]
    [1001, 1001, 0, 0]

    Reference:
        Kirillov et al., Panoptic Feature Pyramid Networks, 2019.
    """

    def __init__(
        self,
        things,
        *,
        score_threshold=0.5,
        overlap_threshold=0.5,
        min_stuff_area=4096,
        divisor=1000,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_within(score_threshold, 0, 1, "score_threshold")
        require_within(overlap_threshold, 0, 1, "overlap_threshold")
        require_not_negative(min_stuff_area, "min_stuff_area")
        require_count(divisor, 1, "divisor")
        self.things = tuple(int(number) for number in things)
        self.score_threshold = score_threshold
        self.overlap_threshold = overlap_threshold
        self.min_stuff_area = min_stuff_area
        self.divisor = divisor

    def call(self, detections, logits):
        """Returns the detections with the map of segments."""
        merged = merge_panoptic(
            detections["masks"],
            detections["scores"],
            detections["classes"],
            predicted_classes(logits),
            num_classes=logits.shape[-1],
            things=self.things,
            score_threshold=self.score_threshold,
            overlap_threshold=self.overlap_threshold,
            min_stuff_area=self.min_stuff_area,
            divisor=self.divisor,
        )
        segments = {key: merged[key] for key in ("panoptic", "segments")}
        return {**detections, **segments}

    def compute_output_spec(self, detections, logits):
        """Returns the shapes and dtypes of the detections and the map."""
        require_things(self.things, logits.shape[-1])
        batch, number, *size = detections["masks"].shape
        segments = None if number is None else number + logits.shape[-1]
        return {
            **same_spec(detections),
            "panoptic": keras.KerasTensor((batch, *size), "int32"),
            "segments": keras.KerasTensor((batch, segments), "int32"),
        }

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "things": self.things,
            "score_threshold": self.score_threshold,
            "overlap_threshold": self.overlap_threshold,
            "min_stuff_area": self.min_stuff_area,
            "divisor": self.divisor,
        }
