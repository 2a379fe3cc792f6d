"""Prediction of images that are larger than memory, tile by tile."""

import itertools
import math

import keras
import numpy as np

from mtvision.ops.option_checks import require_count
from mtvision.ops.tiles import axis_tiles


def predict_tiles(
    model,
    image,
    *,
    tile_size,
    overlap,
    margin=None,
    stride=32,
    batch_size=4,
    tasks=None,
    out=None,
    verbose=1,
):
    """Predicts the maps of an image or a volume, tile by tile.

    The image is read, and the maps are written, one tile at a time, so that
    both may be larger than memory: `np.memmap`, or whatever else has a shape
    and can be sliced. All tiles have one size, for which the model is
    compiled once, and begin at multiples of `stride`, so that poolings and
    strided convolutions fall on the same pixels as in the whole image.

    Where a tile ends within the image, `margin` pixels of its maps are left
    out, as the layers' padding has changed them. With a margin of at least
    the model's reach (half its receptive field) the result is that of
    `model.predict` for the whole image. If height and width are no multiples
    of the stride, that is so away from their far ends: there the image is
    continued by less than a stride, mirrored, as is an image that is smaller
    than a tile. With a smaller margin, or layers that look at all of the
    image, tiles differ: the rest of the overlap blends them without a seam,
    by weights that add up to 1.

    What is blended are the outputs as they are: with logits, the mean of the
    logits. To blend probabilities, give a model that ends in them. A head
    with an attribute `coordinate_axes` says that the last channels of its
    maps are coordinates in pixels, and along which axes of the image; the
    offset of the tile is added to them.

    Args:
        model: A trained `keras.Model` of one input, which gives maps: a
            tensor, or a dict of tensors by task.
        image: Array (H, W, C) or (D, H, W, C) of finite numbers.
        tile_size: Pixels along the sides of a tile, a multiple of `stride`;
            one number, or one for each axis.
        overlap: Pixels that neighbouring tiles share at least, a multiple of
            `stride`; one number, or one for each axis.
        margin: Pixels that are left out, a multiple of `stride`, at most half
            the overlap; one number, or one for each axis. By default a
            quarter of the overlap, rounded down.
        stride: The largest stride of any layer of the model, in pixels; one
            number, or one for each axis.
        batch_size: Tiles that are predicted at once.
        tasks: The outputs to return, by default all.
        out: Where the maps are written: an array of floats in the shape of
            the map, or a dict of them by task; by default new arrays.
        verbose: 1 for a progress bar, 0 for none.

    Returns:
        Map (h, w, D) or (d, h, w, D), or dict of maps by task; `out` if it
        is given. A map of stride r has the size of the image over r, rounded
        up.

    Raises:
        ValueError: If the sizes do not fit together, the image, its tiles or
            `out` do not fit the model, a pixel is NaN or infinite, or an
            output is no map of floats.

    Example:

    >>> image = keras.Input((None, None, 3))
    >>> edges = keras.layers.Conv2D(2, 3, padding="same", name="edges")
    >>> model = keras.Model(image, {"edges": edges(image)})
    >>> big = np.random.default_rng(0).uniform(size=(100, 70, 3))
    >>> maps = predict_tiles(model, big, tile_size=32, overlap=8, margin=4,
    ...                      stride=4, verbose=0)
    >>> whole = model.predict(big[None], verbose=0)
    >>> maps["edges"].shape, bool(np.allclose(maps["edges"], whole["edges"][0],
    ...                                       atol=1e-5))
    ((100, 70, 2), True)

    Reference:
        Ronneberger et al., U-Net, 2015, for tiles with overlap.
    """
    grid = _Grid(image.shape, tile_size, overlap, margin, stride)
    require_count(batch_size, 1, "batch_size")
    _check_input(model, image.shape, grid.tile_size)
    places = list(itertools.product(*map(range, grid.numbers)))
    bar = keras.utils.Progbar(len(places), verbose=verbose, unit_name="tile")
    maps = None
    for start in range(0, len(places), batch_size):
        group = places[start : start + batch_size]
        tiles = [_read(image, grid, place) for place in group]
        # The last batch has the size of the others: nothing is compiled anew.
        tiles += tiles[-1:] * (batch_size - len(group))
        outputs = _chosen(model.predict_on_batch(np.stack(tiles)), tasks)
        if maps is None:
            maps = {
                task: _Map(task, output, grid, model, _of(out, task, outputs))
                for task, output in outputs.items()
            }
        for task, output in outputs.items():
            for place, tile in zip(group, output):
                maps[task].add(place, tile)
        bar.update(start + len(group))
    results = {task: one.array for task, one in maps.items()}
    return results[None] if None in results else results


class _Grid:
    """Tiles along the axes of an image."""

    def __init__(self, shape, tile_size, overlap, margin, stride):
        self.size = tuple(int(n) for n in shape[:-1])
        if len(self.size) not in (2, 3) or 0 in shape:
            raise ValueError(
                "Expected an image (H, W, C) or a volume (D, H, W, C), "
                f"received shape {tuple(shape)}. A single channel needs an "
                "axis: image[..., None]."
            )
        rank = len(self.size)
        self.stride = _by_axis(stride, rank, "stride", 1)
        self.tile_size = _by_axis(tile_size, rank, "tile_size", 1)
        self.overlap = _by_axis(overlap, rank, "overlap", 0)
        if margin is None:
            margin = [n // 4 // s * s for n, s in zip(overlap_, stride_)]
        self.margin = _by_axis(margin, rank, "margin", 0)
        self._check()
        self.tiles = self.at_stride((1,) * rank)
        self.numbers = [len(tiles) for tiles in self.tiles]

    def at_stride(self, ratio):
        """The tiles along each axis, in cells of `ratio` pixels."""
        sizes = zip(
            self.size,
            ratio,
            self.tile_size,
            self.overlap,
            self.margin,
            self.stride,
        )
        return [
            axis_tiles(
                -(-length // r),
                tile // r,
                overlap=overlap // r,
                margin=margin // r,
                stride=stride // r,
            )
            for length, r, tile, overlap, margin, stride in sizes
        ]

    def _check(self):
        for name in ("tile_size", "overlap", "margin"):
            given = getattr(self, name)
            if any(n % s for n, s in zip(given, self.stride)):
                raise ValueError(
                    f"Expected {name} as a multiple of stride={self.stride}, "
                    f"received {given}. Choose multiples, or the stride that "
                    "the model has."
                )
        if any(n >= t for n, t in zip(self.overlap, self.tile_size)):
            raise ValueError(
                f"Expected an overlap below tile_size={self.tile_size}, "
                f"received {self.overlap}."
            )
        if any(2 * m > n for m, n in zip(self.margin, self.overlap)):
            raise ValueError(
                "Expected a margin of at most half the overlap "
                f"{self.overlap}, received {self.margin}. Choose a larger "
                "overlap."
            )
