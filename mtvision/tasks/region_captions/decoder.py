"""From the features of detections to phrases."""

import keras
from keras import layers, ops

from mtvision.ops.beam_search import beam_search
from mtvision.ops.detections import same_spec
from mtvision.ops.option_checks import require_count
from mtvision.tasks.region_captions.region_captions_head import (
    RegionCaptionsHead,
)


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeRegionCaptions(layers.Layer):
    """Writes the most probable phrase of each detection.

    The head writes anew, from the features of the detections' boxes. No
    gradient flows.

    Args:
        head: A trained `RegionCaptionsHead`.
        beams: K, phrases that are kept at each word; 1 for the greedy choice.

    Call:
        features: Tensor (B, D, F), pooled from the boxes of detections, as
            `RegionTower` gives it.
        detections: Dict of `"boxes"` (B, D, 4), `"classes"` (B, D), -1 in
            padding, and others, as `DecodeRegions` gives it.

    Returns:
        The detections, with `"phrases"` (B, D, L), int32, numbers of words, 0
        from the end on, and `"phrase_scores"` (B, D), float32, the logarithm
        of the probability of the phrase; zeros in rows of padding.
        `mtvision.data.Vocabulary.decode` gives the texts.

    Raises:
        ValueError: If `head` is something else, or `beams` is not 1 or more.

    Example:

    >>> head = RegionCaptionsHead(6, 4, units=8, embedding=8)
    >>> found = {"boxes": np.zeros((1, 2, 4)), "classes": np.array([[0, -1]])}
    >>> decode = DecodeRegionCaptions(head, beams=3)
    >>> found = decode(np.ones((1, 2, 5)), found)
    >>> tuple(found["phrases"].shape), float(found["phrase_scores"][0, 1])
    ((1, 2, 4), 0.0)

    Reference:
        Johnson, Karpathy and Li, DenseCap, 2016.
    """

    def __init__(self, head, *, beams=1, **kwargs):
        super().__init__(**{**kwargs, "autocast": False})
        if not isinstance(head, RegionCaptionsHead):
            raise ValueError(
                "Expected head as a RegionCaptionsHead, received "
                f"{type(head).__name__}."
            )
        require_count(beams, 1, "beams")
        self.head = head
        self.beams = beams

    def build(self, features_shape, detections_shape=None):
        """Creates the weights, if the head is new."""
        if not self.head.built:
            self.head.build(features_shape)

    def call(self, features, detections):
        """Returns the detections with phrases."""
        features = ops.stop_gradient(ops.convert_to_tensor(features))
        flat = ops.reshape(features, (-1, features.shape[-1]))
        words, scores = beam_search(
            self.head.read,
            self.head.begin(flat),
            start=self.head.start,
            num_steps=self.head.max_length,
            beams=self.beams,
        )
        shape = ops.shape(features)[:2]
        words = ops.reshape(words, (*shape, self.head.max_length))
        scores = ops.stop_gradient(ops.reshape(scores, shape))
        is_real = ops.cast(detections["classes"], "int32") >= 0
        return {
            **detections,
            "phrases": ops.where(ops.expand_dims(is_real, -1), words, 0),
            "phrase_scores": ops.where(is_real, scores, 0.0),
        }

    def compute_output_spec(self, features, detections):
        """Returns the shapes and dtypes of the detections."""
        shape = tuple(features.shape[:2])
        return {
            **same_spec(detections),
            "phrases": keras.KerasTensor(
                (*shape, self.head.max_length), "int32"
            ),
            "phrase_scores": keras.KerasTensor(shape, "float32"),
        }

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "head": keras.saving.serialize_keras_object(self.head),
            "beams": self.beams,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        head = keras.saving.deserialize_keras_object(config["head"])
        return cls(**{**config, "head": head})
