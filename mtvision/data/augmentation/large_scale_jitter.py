"""Resizing by a random factor, then cutting or padding."""

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_range


class LargeScaleJitter(GeometricStep):
    """Resizes to between 0.1 and 2 times the size of the result.

    A factor of 1 is the largest picture that fits into the result with its
    aspect ratio. A larger picture is cut at a random place, a smaller one is
    padded on the right and below.

    Args:
        low: The smallest factor.
        high: The largest factor.
        probability: Share of the samples that are changed.

    Reference:
        Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method
        for Instance Segmentation", 2021.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.LargeScaleJitter()])
    >>> sample = {"image": np.zeros((10, 20, 3), "uint8")}
    >>> generator = np.random.default_rng(0)
    >>> augment(sample, generator, size=(16, 16))["image"].shape
    (16, 16, 3)
    """

    def __init__(self, *, low=0.1, high=2.0, probability=1.0):
        super().__init__(probability=probability)
        check_range("low and high", low, high, lowest=0.01)
        self.low = low
        self.high = high

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`. Without a size of the result, the factor is
        relative to the picture itself.
        """
        size = shape if size is None else size
        factor = generator.uniform(self.low, self.high)
        factor *= min(new / old for new, old in zip(size, shape))
        # Whole pixels, so that the picture ends where its last pixel does.
        inner = [max(1, round(side * factor)) for side in shape]
        y, x = (
            generator.integers(max(0, old - new), endpoint=True)
            for old, new in zip(inner, size)
        )
        resize = matrices.scale(inner[1] / shape[1], inner[0] / shape[0])
        return matrices.translate(-x, -y) @ resize, tuple(size)
