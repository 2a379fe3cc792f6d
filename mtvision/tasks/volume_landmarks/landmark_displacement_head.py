"""Head that says where landmarks lie, seen from each cell of a volume."""

import keras

from mtvision.tasks.volume_landmarks.landmark_head import LandmarkHead


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarkDisplacementHead(LandmarkHead):
    """Gives for each cell the way from its centre to each landmark.

    The way along each axis is given in cells, through `sign(x) *
    log(1 + |x|)`: what is near counts more than what is far.

    Args:
        num_landmarks: K.
        cell_size: Voxels that a cell of the map spans; three numbers, or one
            for all axes.
        hidden: Channels of the map that they are read from.

    Call:
        features: Map (B, d, h, w, C).

    Returns:
        Maps (B, d, h, w, 3 K + 6), float32: z, y and x of the first landmark,
        of the second and so on, and the cell itself: z1, y1, x1, z2, y2, x2
        in voxels.

    Raises:
        ValueError: If an option is out of range, or the map is of another
            rank.

    Example:

    >>> head = LandmarkDisplacementHead(5, cell_size=4)
    >>> tuple(head(keras.ops.ones((2, 8, 8, 8, 3))).shape)
    (2, 8, 8, 8, 21)

    Reference:
        Noothout et al., Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("LandmarkDisplacementLoss",)

    def __init__(self, num_landmarks, *, cell_size, hidden=32, **kwargs):
        super().__init__(
            num_landmarks,
            values=3,
            cell_size=cell_size,
            hidden=hidden,
            **kwargs,
        )
