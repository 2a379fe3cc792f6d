"""Cutting a part out."""

import math

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_pair

ATTEMPTS = 10


class RandomCrop(GeometricStep):
    """Cuts out a part of random area and aspect ratio.

    The part is the new picture, which `Augment` resizes to the size of the
    batch. As in Inception and torchvision's `RandomResizedCrop`, area and
    ratio are drawn up to 10 times until the part fits; if none does, it is the
    largest one in the middle whose ratio is allowed.

    Args:
        area: Smallest and largest share of the area. Inception has 0.08 to 1;
            as low as that, most objects are lost.
        aspect: Smallest and largest ratio of width to height.
        probability: Share of the samples that are changed.

    Reference:
        Szegedy et al., "Going Deeper with Convolutions", 2015.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.RandomCrop(area=(0.5, 1.0))])
    """

    def __init__(
        self, *, area=(0.3, 1.0), aspect=(3 / 4, 4 / 3), probability=1.0
    ):
        super().__init__(probability=probability)
        self.area = check_pair("area", area, lowest=0.0001, highest=1.0)
        self.aspect = check_pair("aspect", aspect, lowest=0.01)

    def draw_matrix(self, shape, generator, *, size):
        """See `GeometricStep`."""
        for _ in range(ATTEMPTS):
            area = generator.uniform(*self.area) * shape[0] * shape[1]
            aspect = math.exp(
                generator.uniform(*(math.log(ratio) for ratio in self.aspect))
            )
            part = (
                max(1, round(math.sqrt(area / aspect))),
                max(1, round(math.sqrt(area * aspect))),
            )
            if part[0] <= shape[0] and part[1] <= shape[1]:
                top, left = (
                    generator.integers(old - new, endpoint=True)
                    for old, new in zip(shape, part)
                )
                return matrices.translate(-left, -top), part
        return self._middle(shape)

    def _middle(self, shape):
        low, high = self.aspect
        aspect = min(max(shape[1] / shape[0], low), high)
        part = (
            max(1, min(shape[0], round(shape[1] / aspect))),
            max(1, min(shape[1], round(shape[0] * aspect))),
        )
        top, left = ((old - new) // 2 for old, new in zip(shape, part))
        return matrices.translate(-left, -top), part
