import numpy as np
import pytest

from mtvision.ops.tile_grid import TileGrid


def test_coarse_tiles_are_the_fine_ones():
    grid = TileGrid((90, 61, 3), 32, overlap=16, margin=8, stride=8)
    fine, coarse = grid.tiles((1, 1)), grid.tiles((8, 4))
    for axis, ratio in enumerate((8, 4)):
        pairs = zip(fine[axis], coarse[axis], strict=True)
        for one, other in pairs:
            assert one.offset == other.offset * ratio
            assert one.start == other.start * ratio


def test_ends_are_mirrored():
    image = np.arange(3.0)[:, None, None] + np.zeros((3, 1, 1))
    grid = TileGrid(image.shape, (8, 2), overlap=0)
    tile = grid.read(image, (0, 0))
    assert tile[:, 0, 0].tolist() == [0, 1, 2, 2, 1, 0, 0, 1]
    assert tile.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((9, 9), {}, r"image\[..., None\]"),
        ((2, 9, 9, 9, 1), {}, "received shape"),
        ((0, 9, 1), {}, "received shape"),
        ((9, 9, 1), {"overlap": 16}, "below tile_size"),
        ((9, 9, 1), {"tile_size": 12}, "tile_size as a multiple of stride"),
        ((9, 9, 1), {"overlap": (8, 4)}, "overlap as a multiple"),
        ((9, 9, 1), {"margin": 4}, "margin as a multiple"),
        ((9, 9, 1), {"margin": 8}, "half the overlap"),
        ((9, 9, 1), {"tile_size": (16, 16, 16)}, "2 of them"),
        ((9, 9, 1), {"stride": 0}, "stride as a whole number of 1"),
        ((9, 9, 1), {"overlap": -8}, "overlap as a whole number of 0"),
        ((9, 9, 1), {"tile_size": 16.0}, "tile_size as a whole number"),
    ],
)
def test_sizes_that_do_not_fit_are_errors(shape, options, message):
    options = {"tile_size": 16, "overlap": 8, "stride": 8, **options}
    with pytest.raises(ValueError, match=message):
        TileGrid(shape, options.pop("tile_size"), **options)


def test_the_pixel_that_is_no_number_is_named():
    volume = np.zeros((4, 12, 4, 1))
    volume[1, 9, 2] = np.nan
    grid = TileGrid(volume.shape, (4, 8, 4), overlap=0)
    grid.read(volume, (0, 0, 0))
    with pytest.raises(ValueError, match=r"pixel \(1, 9, 2\)"):
        grid.read(volume, (0, 1, 0))
