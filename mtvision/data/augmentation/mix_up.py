"""Two pictures over each other."""

import numpy as np

from mtvision.data.augmentation.joining import check_joins, join_samples
from mtvision.data.augmentation.options import check_number
from mtvision.data.augmentation.sample_step import SampleStep


class MixUp(SampleStep):
    """Lays two pictures over each other, with the objects of both.

    Without being resized, so that objects keep their aspect ratio: the canvas
    is as large as the larger of the two in height and in width. All objects
    count fully (Zhang et al. 2019 also weigh their losses by the share of
    their picture; YOLOX does not). Maps and labels of the whole image cannot
    be mixed: they raise a ValueError. An object field that one of the two
    lacks is missing in the result.

    Args:
        alpha: The share of the first picture is drawn from Beta(alpha, alpha):
            the larger, the nearer to one half.
        probability: Share of the samples that are changed.

    Reference:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018; Zhang
        et al., "Bag of Freebies for Training Object Detection Neural
        Networks", 2019.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.MixUp()])
    >>> sample = {"image": np.full((4, 4, 3), 9, "uint8")}
    >>> generator = np.random.default_rng(0)
    >>> augment(sample, generator, draw=lambda _: sample)["image"].max()
    np.uint8(9)
    """

    def __init__(self, *, alpha=1.5, probability=1.0):
        super().__init__(probability=probability)
        check_number("alpha", alpha, lowest=0.01)
        self.alpha = alpha

    def check_field(self, name, value, shape):
        """See `SampleStep`."""
        check_joins(name, [value], shape, "MixUp", maps=False)

    def change_sample(self, sample, generator, *, size, draw, warp):
        """See `SampleStep`."""
        pair = [sample, draw()]
        share = generator.beta(self.alpha, self.alpha)
        shapes = [np.shape(each["image"])[:2] for each in pair]
        canvas = tuple(max(sides) for sides in zip(*shapes))
        pair = [warp(each, np.eye(3), canvas) for each in pair]
        return join_samples(
            pair,
            "MixUp",
            generator,
            join_images=lambda images: _blend(*images, share),
        )


def _blend(first, second, share):
    mixed = share * first.astype("float32")
    mixed += (1 - share) * second.astype("float32")
    if first.dtype.kind == "u":
        mixed = np.rint(mixed)
    return mixed.astype(first.dtype)
