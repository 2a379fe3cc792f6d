"""Shifting."""

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_number


class RandomTranslation(GeometricStep):
    """Shifts by whole pixels; the picture keeps its size.

    Args:
        share: The largest shift to either side, as a share of the width and of
            the height.
        probability: Share of the samples that are changed.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomTranslation(0.2)])
    """

    def __init__(self, share=0.1, *, probability=1.0):
        super().__init__(probability=probability)
        check_number("share", share, highest=1.0)
        self.share = share

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`."""
        y, x = (
            round(generator.uniform(-self.share, self.share) * side)
            for side in shape
        )
        return matrices.translate(x, y), shape
