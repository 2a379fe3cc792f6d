"""Zooming about the centre."""

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_range


class RandomScale(GeometricStep):
    """Zooms about the centre of the picture, which keeps its size.

    `LargeScaleJitter` does so relative to the size of the result.

    Args:
        low: The smallest factor.
        high: The largest factor.
        probability: Share of the samples that are changed.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomScale(low=0.5, high=2.0)])
    """

    def __init__(self, *, low=0.8, high=1.2, probability=1.0):
        super().__init__(probability=probability)
        check_range("low and high", low, high, lowest=0.01)
        self.low = low
        self.high = high

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`."""
        factor = generator.uniform(self.low, self.high)
        zoom = matrices.scale(factor, factor)
        return matrices.about_centre(zoom, shape), shape
