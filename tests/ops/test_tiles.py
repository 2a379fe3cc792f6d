import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtvision.ops.tiles import axis_tiles


@st.composite
def axes(draw):
    """Arguments of `axis_tiles` that fit together."""
    stride = draw(st.integers(1, 4))
    tile = draw(st.integers(1, 8))
    overlap = draw(st.integers(0, tile - 1))
    margin = draw(st.integers(0, overlap // 2))
    sizes = {"overlap": overlap, "margin": margin}
    sizes = {name: n * stride for name, n in sizes.items()}
    return draw(st.integers(1, 60)), tile * stride, {**sizes, "stride": stride}


@given(axes())
def test_weights_add_up_to_one(case):
    length, size, options = case
    total, tiles = np.zeros(length), axis_tiles(length, size, **options)
    for tile in tiles:
        assert (tile.weights > 0).all()
        total[tile.start : tile.stop] += tile.weights
    np.testing.assert_allclose(total, 1, atol=1e-6)


@given(axes())
def test_tiles_are_where_they_may_be(case):
    length, size, options = case
    tiles = axis_tiles(length, size, **options)
    offsets = np.array([tile.offset for tile in tiles])
    assert (offsets % options["stride"] == 0).all()
    assert offsets[0] == 0
    assert offsets[-1] + size - length >= 0
    if len(tiles) > 1:
        assert offsets[-1] + size - length < options["stride"]
        shared = size - np.diff(offsets)
        assert shared.min() >= options["overlap"]
        assert shared.max() < size
    for tile in tiles:
        inside = options["margin"] if tile.offset else 0
        assert tile.start == tile.offset + inside
        assert tile.stop <= tile.offset + size
    for tile in tiles[:-1]:
        assert tile.stop == tile.offset + size - options["margin"]
    # No more tiles than there must be.
    step = size - options["overlap"]
    assert (len(tiles) - 1) * step < max(length - size, 0) + step


def test_no_overlap_means_no_blending():
    for options in ({}, {"overlap": 2, "margin": 1}):
        for tile in axis_tiles(8, 4, **options):
            assert (tile.weights == 1).all()
