"""Head that says which cells of a volume hold a landmark."""

import math
import numbers

import keras

from mtvision.tasks.volume_landmarks.landmark_head import LandmarkHead


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarkPresenceHead(LandmarkHead):
    """Says for each cell of a volume and each landmark whether it is there.

    Args:
        num_landmarks: K.
        cell_size: Voxels that a cell of the map spans; three numbers, or one
            for all axes.
        hidden: Channels of the map that they are read from.
        prior: Probability that every cell starts at.

    Call:
        features: Map (B, d, h, w, C).

    Returns:
        Maps (B, d, h, w, K + 6), float32: a logit for each landmark, and the
        cell itself: z1, y1, x1, z2, y2, x2 in voxels.

    Raises:
        ValueError: If an option is out of range, or the map is of another
            rank.

    Example:

    >>> head = LandmarkPresenceHead(5, cell_size=4)
    >>> tuple(head(keras.ops.ones((2, 8, 8, 8, 3))).shape)
    (2, 8, 8, 8, 11)

    Reference:
        Noothout et al., Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("LandmarkPresenceLoss",)

    def __init__(
        self, num_landmarks, *, cell_size, hidden=32, prior=0.1, **kwargs
    ):
        if not isinstance(prior, numbers.Real) or not 0 < prior < 1:
            raise ValueError(
                f"Expected prior above 0 and below 1, received {prior!r}."
            )
        super().__init__(
            num_landmarks,
            values=1,
            cell_size=cell_size,
            hidden=hidden,
            bias=math.log(prior / (1 - prior)),
            **kwargs,
        )
        self.prior = prior

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "prior": self.prior}
