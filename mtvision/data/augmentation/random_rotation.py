"""Turning about the centre."""

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_number


class RandomRotation(GeometricStep):
    """Turns about the centre of the picture, which keeps its size.

    Boxes without masks grow, as they must hold the turned corners of the old
    ones.

    Args:
        degrees: The largest angle, to either side.
        probability: Share of the samples that are changed.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomRotation(10)])
    """

    def __init__(self, degrees, *, probability=1.0):
        super().__init__(probability=probability)
        check_number("degrees", degrees, highest=180.0)
        self.degrees = degrees

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`."""
        angle = generator.uniform(-self.degrees, self.degrees)
        return matrices.about_centre(matrices.rotate(angle), shape), shape
