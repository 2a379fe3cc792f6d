"""Heads whose maps know their place in a region."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.properties import cases
from mtvision.layers import PSRoIAlign, RoIAlign
from mtvision.tasks import (
    PositionSensitiveBoxesHead,
    PositionSensitiveClassesHead,
)

RANDOM = np.random.default_rng(0)
MAP = RANDOM.normal(size=(2, 6, 8, 5)).astype("float32")
REGIONS = np.array(
    [
        [[0, 0, 128, 96], [16.5, 5, 77, 60], [0, 0, 0, 0]],
        [[2, 3, 33, 9], [100, 70, 128, 96], [30, 20, 61.25, 90]],
    ],
    "float32",
)
HEADS = (PositionSensitiveClassesHead, PositionSensitiveBoxesHead)


@pytest.mark.parametrize(
    ("head", "columns"), list(zip(HEADS, (6, 20), strict=True))
)
def test_heads_are_proper_layers(head, columns):
    arguments = {"num_classes": 5, "bins": 3, "level": "P3", "align": True}
    inputs = MAP, REGIONS / 2
    rows = check_layer(head, arguments, inputs, without_gradient=(1,))
    assert rows.shape == (2, 3, columns + 4)
    np.testing.assert_array_equal(rows[..., -4:], REGIONS / 2)


def test_one_box_for_all_classes():
    rows = PositionSensitiveBoxesHead(bins=3)({"P4": MAP}, REGIONS)
    assert rows.shape == (2, 3, 8)


def voted(maps, region, values, bins, stride=16):
    """The mean of the cells' means over whole pixels, as the paper has it.

    Each cell reads the maps of its own row and column; corners are rounded
    to pixels of the map, of which torchvision's kernel leaves the last row
    and column out.
    """
    height, width = maps.shape[:2]
    left, top, right, bottom = np.round(region / stride)
    sides = max(bottom - top, 1) / bins, max(right - left, 1) / bins
    votes = np.zeros((bins, bins, values))
    for i in range(bins):
        for j in range(bins):
            rows, columns = (
                slice(
                    int(np.clip(np.floor(low + k * side), 0, size - 1)),
                    int(np.clip(np.ceil(low + (k + 1) * side), 0, size - 1)),
                )
                for low, k, side, size in (
                    (top, i, sides[0], height),
                    (left, j, sides[1], width),
                )
            )
            cell = maps[rows, columns]
            if cell.size:
                own = np.arange(values) * bins**2 + i * bins + j
                votes[i, j] = cell[..., own].mean(axis=(0, 1))
    return votes.mean(axis=(0, 1))


@pytest.mark.parametrize("bins", [1, 2, 3])
def test_each_cell_votes_by_maps_of_its_own(bins):
    head = PositionSensitiveClassesHead(2, bins=bins)
    head(MAP, REGIONS)
    kernel = RANDOM.normal(size=(1, 1, 5, 3 * bins**2))
    bias = RANDOM.normal(size=3 * bins**2)
    head.set_weights([kernel, bias])
    rows = to_numpy(head(MAP, REGIONS))
    maps = MAP @ kernel[0, 0] + bias
    for b, regions in enumerate(REGIONS):
        for r, region in enumerate(regions):
            np.testing.assert_allclose(
                rows[b, r, :3], voted(maps[b], region, 3, bins), atol=1e-4
            )


@given(
    corner=st.tuples(st.floats(0, 60), st.floats(0, 60)),
    sides=st.tuples(st.floats(4, 60), st.floats(4, 36)),
)
@cases(12)
def test_one_cell_is_the_mean_of_a_convolution(corner, sides):
    """With k = 1, RoIAlign of a 1x1 convolution's map, averaged."""
    left, top = corner
    region = np.array([[[left, top, left + sides[0], top + sides[1]]]] * 2)
    region = region.astype("float32")
    head = PositionSensitiveBoxesHead(2, bins=1, align=True)
    expected = head(MAP, region)
    align = RoIAlign(1, spatial_scale=1 / 16, sampling_ratio=2)
    pooled = align(head.maps(MAP), region)
    np.testing.assert_allclose(
        to_numpy(expected)[..., :-4], to_numpy(pooled)[:, :, 0, 0], atol=1e-4
    )


def test_equal_maps_for_all_cells_are_an_average():
    """Then a cell's place does not matter: RoIAlign, averaged over cells."""
    head = PositionSensitiveClassesHead(2, bins=3, align=True)
    head(MAP, REGIONS)
    kernel, bias = RANDOM.normal(size=(1, 1, 5, 3)), RANDOM.normal(size=3)
    head.set_weights([np.repeat(x, 9, axis=-1) for x in (kernel, bias)])
    rows = to_numpy(head(MAP, REGIONS))
    maps = (MAP @ kernel[0, 0] + bias).astype("float32")
    cells = RoIAlign(3, spatial_scale=1 / 16)(maps, REGIONS)
    np.testing.assert_allclose(
        rows[..., :3], to_numpy(cells).mean(axis=(2, 3)), atol=1e-4
    )
    assert isinstance(head.pool, PSRoIAlign)


@pytest.mark.parametrize("head", HEADS)
def test_regions_stay_exact_and_without_gradient(head):
    """In bfloat16 the 333 would be 332."""
    regions = REGIONS.copy()
    regions[0, 0, 2] = 333
    layer = head(2, bins=2, dtype="mixed_bfloat16")
    np.testing.assert_array_equal(
        to_numpy(layer(MAP, regions))[..., -4:], regions
    )
    assert not gradient(lambda x: layer(MAP, x), regions).any()


def test_broken_regions_become_padding():
    broken = REGIONS.copy()
    broken[0, 0, 1] = np.nan
    rows = to_numpy(PositionSensitiveClassesHead(2)(MAP, broken))
    assert np.isfinite(rows).all()
    assert not rows[0, 0, -4:].any()
    np.testing.assert_array_equal(rows[1, ..., -4:], REGIONS[1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PositionSensitiveClassesHead(0), "num_classes"),
        (lambda: PositionSensitiveBoxesHead(0), "num_classes"),
        (lambda: PositionSensitiveBoxesHead(bins=0), "bins"),
        (lambda: PositionSensitiveBoxesHead(level="four"), "'four'"),
        (
            lambda: PositionSensitiveBoxesHead()({"P3": MAP}, REGIONS),
            "'P4' is not among",
        ),
        (
            lambda: PositionSensitiveBoxesHead()(MAP[0], REGIONS),
            r"\(B, H, W, D\)",
        ),
        (
            lambda: PositionSensitiveBoxesHead()(MAP, REGIONS[0]),
            r"\(B, R, 4\)",
        ),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
