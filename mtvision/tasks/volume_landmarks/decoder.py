"""From maps of a volume to landmarks."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_share
from mtvision.ops.signed_log import signed_exp
from mtvision.ops.voting import attend
from mtvision.tasks.volume_landmarks.checks import count_landmarks
from mtvision.tasks.volume_landmarks.columns import split, vectors


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeVolumeLandmarks(layers.Layer):
    """The mean of where the cells say that a landmark is.

    Each cell votes for a place, its centre plus its displacement, and its
    vote weighs as much as its probability to hold the landmark.

    Args:
        min_share: Cells below this share of the highest probability do not
            vote; 0 lets all vote, as in the paper.

    Call:
        maps: List of the maps (B, d, h, w, K + 6) of `LandmarkPresenceHead`
            and (B, d, h, w, 3 K + 6) of `LandmarkDisplacementHead`.

    Returns:
        Dict of `"landmarks"` (B, K, 3), z, y, x in voxels, where the centre
        of the first voxel is at 0.5; and `"scores"` (B, K), the highest
        probability of any cell: low where there is no such landmark.

    Raises:
        ValueError: If the maps are not two, of one number of landmarks, or
            the share is not from 0 to below 1.

    Example:

    >>> features = np.ones((2, 8, 8, 8, 3))
    >>> presence = mtv.tasks.LandmarkPresenceHead(5, cell_size=4)(features)
    >>> ways = mtv.tasks.LandmarkDisplacementHead(5, cell_size=4)(features)
    >>> found = DecodeVolumeLandmarks()([presence, ways])
    >>> {name: tuple(x.shape) for name, x in sorted(found.items())}
    {'landmarks': (2, 5, 3), 'scores': (2, 5)}

    Reference:
        Noothout et al., Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020. The share is
        ours.
    """

    def __init__(self, *, min_share=0.0, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_share(min_share, "min_share")
        self.min_share = min_share

    def call(self, maps):
        """Returns the landmarks."""
        self._require_two(maps)
        logits, centres, sides = split(maps[0])
        ways = vectors(split(maps[1])[0])
        number = logits.shape[-1]
        votes = centres + signed_exp(ways) * sides
        votes = ops.reshape(votes, (ops.shape(votes)[0], -1, number, 3))
        logits = ops.reshape(logits, (ops.shape(logits)[0], -1, number))
        # Their softmax is each probability over the sum of all.
        scores = -ops.softplus(-logits)
        best = ops.max(scores, axis=1, keepdims=True)
        if self.min_share > 0:
            votes_too = scores >= best + ops.log(self.min_share)
            scores = ops.where(votes_too, scores, float("-inf"))
        return {
            "landmarks": attend(scores, votes),
            "scores": ops.exp(best[:, 0]),
        }

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "min_share": self.min_share}

    def _require_two(self, maps):
        if not isinstance(maps, list | tuple) or len(maps) != 2:
            raise ValueError(
                f"{self.name} expects a list of two maps, presence and "
                f"displacement; received {maps!r}."
            )
        numbers = [
            count_landmarks(one, values, self.name)
            for one, values in zip(maps, (1, 3))
        ]
        if numbers[0] != numbers[1]:
            raise ValueError(
                f"{self.name} expects maps of the same landmarks, received "
                f"{numbers[0]} in the first and {numbers[1]} in the second."
            )
