"""Head that finds the key points of one object by regression."""

import keras
from keras import ops

from mtvision.layers.voting_head import VotingHead
from mtvision.ops.option_checks import require_count
from mtvision.ops.voting import attend, cell_centres
from mtvision.tasks.keypoints.columns import join


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsHead(VotingHead):
    """Lets every cell vote for each key point, and attention weigh the votes.

    From a convolution of one level, each cell votes for every key point, by
    the way to it from its centre, in cells, and on whether the object is
    there; and says how much each vote counts. The result is the mean of the
    votes, weighted by a softmax over the cells. Images may have any size, and
    points may lie outside.

    Args:
        num_keypoints: K.
        level: Which map of a pyramid the cells are taken from.
        hidden: Channels of the map that the votes are read from.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Vectors (B, 1 + 2 K), float32: the logit of presence, and x1, y1, ...,
        xK, yK in pixels of the model's input.

    Raises:
        ValueError: If an option is out of range or the level is missing.

    Example:

    >>> pyramid = {"P3": keras.ops.ones((2, 8, 8, 4))}
    >>> tuple(KeypointsHead(14)(pyramid).shape)
    (2, 29)

    Reference:
        Toshev and Szegedy, DeepPose, 2014, for the regression; the votes take
        the place of its dense layers, which need images of one size.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("KeypointsLoss",)

    def __init__(self, num_keypoints, *, level="P3", hidden=128, **kwargs):
        require_count(num_keypoints, 1, "num_keypoints")
        super().__init__(
            2 + 3 * num_keypoints, level=level, hidden=hidden, **kwargs
        )
        self.num_keypoints = num_keypoints

    def call(self, features):
        """Returns the vectors of key points."""
        votes = self.cast_votes(features)
        batch, height, width, channels = ops.shape(votes)
        votes = ops.reshape(votes, (batch, height * width, channels))
        number = self.num_keypoints
        ways = ops.reshape(votes[..., 2 + number :], (batch, -1, number, 2))
        centres = cell_centres(height, width, self.stride)[:, None]
        points = attend(
            votes[..., 2 : 2 + number], centres + self.stride * ways
        )
        logit = attend(votes[..., :1], votes[..., 1:2, None])
        return join(logit[:, 0, 0], points)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_keypoints": self.num_keypoints}
