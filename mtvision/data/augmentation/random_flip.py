"""Mirroring."""

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_number


class RandomFlip(GeometricStep):
    """Mirrors left and right, and perhaps top and bottom.

    Tell `Augment` the `flip_pairs` of key points.

    Args:
        horizontal: Probability of left and right changing places.
        vertical: Probability of top and bottom changing places.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomFlip(horizontal=1.0)])
    >>> sample = {"image": np.arange(6, dtype="uint8").reshape(1, 2, 3)}
    >>> augment(sample, np.random.default_rng(0))["image"].tolist()
    [[[3, 4, 5], [0, 1, 2]]]
    """

    def __init__(self, *, horizontal=0.5, vertical=0.0):
        super().__init__()
        check_number("horizontal", horizontal, highest=1.0)
        check_number("vertical", vertical, highest=1.0)
        self.horizontal = horizontal
        self.vertical = vertical

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`."""
        horizontal, vertical = generator.random(2) < [
            self.horizontal,
            self.vertical,
        ]
        matrix = matrices.mirror(
            shape, horizontal=horizontal, vertical=vertical
        )
        return matrix, shape
