from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.mask_pasting import paste_masks
from mtvision.ops.mask_targets import GROUP, mask_targets

# torchvision 0.28.0, project_masks_on_boxes.
FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = dict(np.load(FOLDER / "region_targets.npz"))
MASKS = VECTORS["mask_gt"][None]
REGIONS = VECTORS["mask_boxes"][None]
MATCHES = VECTORS["mask_matched_idx"][None]
TARGETS = VECTORS["mask_targets28"]


@pytest.mark.parametrize("dtype", ["uint8", "bool", "float32"])
def test_equal_to_torchvision(dtype):
    targets = mask_targets(MASKS.astype(dtype), REGIONS, MATCHES, 28)
    np.testing.assert_allclose(to_numpy(targets)[0], TARGETS, atol=1e-5)


def test_many_regions_compiled():
    """More regions than are cut at once, in an order of their own."""
    order = np.random.default_rng(0).integers(0, 4, (2, GROUP + 5))
    masks = np.concatenate([MASKS, MASKS[:, ::-1]])
    matches = MATCHES[0][order]
    matches[1] = 2 - matches[1]
    run = compiled(lambda *given: mask_targets(*given, 28))
    targets = run(masks, REGIONS[0][order], matches)
    np.testing.assert_allclose(to_numpy(targets), TARGETS[order], atol=1e-5)


def test_regions_without_an_object_are_zeros():
    masks = np.ones((1, 1, 9, 9), "uint8")
    regions = np.array([[[0, 0, 9, 9.0], [0, 0, 9, 9], [np.nan, 0, 9, 9]]])
    targets = to_numpy(mask_targets(masks, regions, [[0, -1, 0]], 3))
    assert (targets[0, 0] == 1).all()
    assert not targets[0, 1:].any()


def test_numbers_that_are_no_masks():
    masks = np.full((1, 1, 4, 4), np.nan, "float32")
    masks[..., :2, :] = -1
    masks[..., 0, 0] = 255
    targets = to_numpy(mask_targets(masks, [[[0, 0, 4.0, 4]]], [[0]], 2))
    assert np.isfinite(targets).all()
    assert targets[0, 0].max() == targets[0, 0, 0, 0] <= 1
    assert not targets[0, 0, 1].any()


@cases(10)
@given(
    corner=st.tuples(st.integers(2, 9), st.integers(2, 9)),
    side=st.integers(2, 8),
    size=st.integers(1, 4),
)
def test_inside_and_outside_of_a_rectangle(corner, side, size):
    """A region well within the object is full, one well outside empty."""
    x, y = corner
    masks = np.zeros((1, 1, 40, 44), "uint8")
    masks[..., y - 2 : y + side + 2, x - 2 : x + side + 2] = 1
    regions = [[[x, y, x + side, y + side], [x + 20, y + 20, x + 22, y + 22]]]
    targets = to_numpy(mask_targets(masks, np.float32(regions), [[0, 0]], size))
    np.testing.assert_allclose(targets[0, 0], 1, atol=1e-6)
    assert not targets[0, 1].any()


def test_pasting_puts_it_back():
    y, x = np.mgrid[:64, :80] + 0.5
    disk = (x - 40) ** 2 + (y - 30) ** 2 < 20**2
    region = np.float32([[[20, 10, 60, 50]]])
    overlaps = []
    for aligned in (False, True):
        targets = mask_targets(
            disk[None, None], region, [[0]], 28, aligned=aligned
        )
        pasted = paste_masks(targets, region, (64, 80), aligned=aligned)
        pasted = to_numpy(pasted)[0, 0] > 0.5
        overlaps.append((pasted & disk).sum() / (pasted | disk).sum())
    assert overlaps[1] > 0.98
    assert overlaps[1] > overlaps[0] > 0.9


def test_no_gradient_reaches_the_regions():
    def total(regions):
        targets = mask_targets(MASKS, regions, MATCHES, 7, aligned=True)
        return ops.sum(targets) + 0 * ops.sum(regions)

    slope = gradient(total, REGIONS)
    assert not slope.any()


def test_wrong_arguments():
    with pytest.raises(ValueError, match="size"):
        mask_targets(MASKS, REGIONS, MATCHES, 0)
    with pytest.raises(ValueError, match=r"masks \(B, M, H, W\)"):
        mask_targets(MASKS[0], REGIONS, MATCHES, 7)
