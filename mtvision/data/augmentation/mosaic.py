"""Four pictures in one."""

import numpy as np

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.joining import check_joins, join_samples
from mtvision.data.augmentation.options import check_pair
from mtvision.data.augmentation.sample_step import SampleStep


class Mosaic(SampleStep):
    """Joins four samples around a random point.

    The canvas has the size of the result (else of the first picture). Each
    picture is resized with its aspect ratio and laid into its quarter, one of
    its corners at the point where the four meet; what goes beyond the quarter
    is cut, what is left of the quarter is `fill`. As in YOLOv4, but pictures
    keep their aspect ratio (as in YOLOv5, whose canvas is twice as large and
    cut afterwards). Maps are joined as well; labels of the whole image cannot
    be: they raise a ValueError. An object field that one of the four lacks is
    missing in the result.

    Args:
        centre: Where they meet, a share of height and of width: smallest and
            largest.
        scale: Size of the pictures: smallest and largest; 1 is the largest
            picture that fits into the whole canvas.
        probability: Share of the samples that are changed.

    Reference:
        Bochkovskiy et al., "YOLOv4: Optimal Speed and Accuracy of Object
        Detection", 2020.

    Example:

    >>> augment = mtv.data.Augment([mtv.data.Mosaic()])
    >>> sample = {"image": np.full((8, 8, 3), 9, "uint8")}
    >>> generator = np.random.default_rng(0)
    >>> augment(sample, generator, draw=lambda _: sample)["image"].shape
    (8, 8, 3)
    """

    def __init__(
        self, *, centre=(0.25, 0.75), scale=(0.4, 1.0), probability=1.0
    ):
        super().__init__(probability=probability)
        self.centre = check_pair("centre", centre, highest=1.0)
        self.scale = check_pair("scale", scale, lowest=0.01)

    def check_field(self, name, value, shape):
        """See `SampleStep`."""
        check_joins(name, [value], shape, "Mosaic", maps=True)

    def change_sample(self, sample, generator, *, size, draw, warp):
        """See `SampleStep`."""
        canvas = size or np.shape(sample["image"])[:2]
        y, x = (
            min(max(1, round(generator.uniform(*self.centre) * side)), side - 1)
            for side in canvas
        )
        quarters = [
            ((top, bottom), (left, right))
            for top, bottom in ((0, y), (y, canvas[0]))
            for left, right in ((0, x), (x, canvas[1]))
        ]
        samples = [sample, *(draw() for _ in range(3))]
        parts = []
        for part, quarter in zip(samples, quarters):
            factor = generator.uniform(*self.scale)
            parts.append(_lay(part, quarter, canvas, (y, x), factor, warp))
        return join_samples(
            parts,
            "Mosaic",
            generator,
            join_images=lambda images: _paste(images, quarters),
            join_maps=lambda maps: _paste(maps, quarters),
        )


def _lay(sample, quarter, canvas, centre, factor, warp):
    """A sample in its quarter of the canvas, which is empty elsewhere."""
    shape = np.shape(sample["image"])[:2]
    factor *= min(new / old for new, old in zip(canvas, shape))
    inner = [max(1, round(side * factor)) for side in shape]
    resize = matrices.scale(inner[1] / shape[1], inner[0] / shape[0])
    # Quarters before the centre hold the end of their picture.
    y, x = (
        meet - start - (side if start < meet else 0)
        for (start, _), meet, side in zip(quarter, centre, inner)
    )
    size = [stop - start for start, stop in quarter]
    part = warp(sample, matrices.translate(x, y) @ resize, size)
    (top, _), (left, _) = quarter
    return warp(part, matrices.translate(left, top), canvas)


def _paste(values, quarters):
    known = next(value for value in values if value is not None)
    outside = np.nan if known.dtype.kind == "f" else -1
    joined = known.copy()
    for value, (rows, columns) in zip(values, quarters):
        region = (slice(*rows), slice(*columns))
        joined[region] = outside if value is None else value[region]
    return joined
