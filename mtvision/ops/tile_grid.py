"""Overlapping tiles of an image or a volume."""

import itertools

import numpy as np

from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import require_count
from mtvision.ops.tiles import axis_tiles


class TileGrid:
    """Tiles of one size that cover an image.

    Args:
        shape: Shape of the image, (H, W, C) or (D, H, W, C).
        tile_size: Pixels along the sides of a tile; one number, or one for
            each axis. So may be the others.
        overlap: Pixels that neighbours share at least.
        margin: Pixels of a tile that are left out where it ends within the
            image, or `None` for a quarter of the overlap.
        stride: What all the others are multiples of.

    Attributes:
        places: List of the numbers of each tile along the axes, row by row.

    Raises:
        ValueError: If the sizes do not fit together.

    Example:

    >>> grid = TileGrid((100, 70, 3), 32, overlap=8, margin=4, stride=4)
    >>> len(grid.places), grid.offsets((3, 2))
    (12, (68, 40))
    """

    def __init__(self, shape, tile_size, *, overlap, margin=None, stride=1):
        self.size = tuple(int(n) for n in shape[:-1])
        if len(self.size) not in (2, 3) or 0 in shape:
            raise ValueError(
                "Expected an image (H, W, C) or a volume (D, H, W, C), "
                f"received shape {tuple(shape)}. A single channel needs an "
                "axis: image[..., None]."
            )
        self.stride = self._by_axis(stride, 1, "stride")
        self.tile_size = self._by_axis(tile_size, 1, "tile_size")
        self.overlap = self._by_axis(overlap, 0, "overlap")
        if margin is None:
            pairs = zip(self.overlap, self.stride)
            margin = tuple(n // 4 // s * s for n, s in pairs)
        self.margin = self._by_axis(margin, 0, "margin")
        self._check()
        self._tiles = self.tiles((1,) * len(self.size))
        self.places = list(itertools.product(*map(_indices, self._tiles)))

    def tiles(self, ratio):
        """The tiles along each axis, as lists of `ops.tiles.Tile`.

        Args:
            ratio: Pixels of a cell along each axis, divisors of the stride:
                places are counted in cells.

        Returns:
            List of a list for each axis.
        """
        sizes = (self.tile_size, self.overlap, self.margin, self.stride)
        return [
            axis_tiles(
                -(-length // r),
                tile // r,
                overlap=overlap // r,
                margin=margin // r,
                stride=stride // r,
            )
            for length, r, tile, overlap, margin, stride in zip(
                self.size, ratio, *sizes
            )
        ]

    def offsets(self, place):
        """Where a tile begins along each axis, in pixels.

        Args:
            place: Its numbers along the axes.

        Returns:
            Tuple of numbers.
        """
        return tuple(axis[i].offset for axis, i in zip(self._tiles, place))

    def read(self, image, place):
        """Reads one tile, mirrored at the end of the image.

        Args:
            image: What has the shape of the grid and can be sliced.
            place: The tile's numbers along the axes.

        Returns:
            Array (*tile_size, C), float32.

        Raises:
            ValueError: If a pixel is NaN or infinite.
        """
        offsets = self.offsets(place)
        stops = map(min, zip(map(sum, zip(offsets, self.tile_size)), self.size))
        tile = np.asarray(image[tuple(map(slice, offsets, stops))], "float32")
        bad = np.argwhere(~np.isfinite(tile))
        if len(bad):
            pixel = tuple(int(n) for n in bad[0][:-1] + offsets)
            raise ValueError(
                f"The image holds NaN or infinity at pixel {pixel}. Replace "
                "it first, for example by np.nan_to_num."
            )
        ends = [n - m for n, m in zip(self.tile_size, tile.shape)]
        return np.pad(tile, [*((0, n) for n in ends), (0, 0)], "symmetric")

    def _by_axis(self, given, minimum, name):
        def check(number, name):
            require_count(number, minimum, name)

        sizes = by_axis(given, check, name, rank=len(self.size))
        return tuple(int(n) for n in sizes)

    def _check(self):
        for name in ("tile_size", "overlap", "margin"):
            sizes = getattr(self, name)
            if any(n % s for n, s in zip(sizes, self.stride)):
                raise ValueError(
                    f"Expected {name} as a multiple of stride={self.stride}, "
                    f"received {sizes}. Give multiples, or the stride that the "
                    "model's coarsest map has."
                )
        if any(n >= t for n, t in zip(self.overlap, self.tile_size)):
            raise ValueError(
                f"Expected an overlap below tile_size={self.tile_size}, "
                f"received {self.overlap}."
            )
        if any(2 * m > n for m, n in zip(self.margin, self.overlap)):
            raise ValueError(
                "Expected a margin of at most half the overlap "
                f"{self.overlap}, received {self.margin}. Give a larger "
                "overlap."
            )


def _indices(tiles):
    return range(len(tiles))
