from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.mask_pasting import paste_masks
from mtvision.ops.resizing import resize_bilinear

# torchvision 0.28.0, paste_masks_in_image.
FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = dict(np.load(FOLDER / "region_targets.npz"))
CASES = {
    "paste_masks28": ("paste_boxes", "paste_out60x64"),
    "paste2_masks14": ("paste2_boxes", "paste2_out50x70"),
}


@pytest.mark.parametrize("masks", CASES)
def test_equal_to_torchvision(masks):
    boxes, pasted = (VECTORS[name] for name in CASES[masks])
    size = pasted.shape[-2:]
    run = compiled(lambda m, b: paste_masks(m, b, size))
    masks = VECTORS[masks][:, 0]
    result = to_numpy(run(masks[None], boxes[None]))[0]
    np.testing.assert_allclose(result, pasted[:, 0], atol=2e-5)
    # Each image of a batch has its own.
    half = len(boxes) // 2
    result = run(
        masks.reshape(2, half, *masks.shape[1:]), boxes.reshape(2, half, 4)
    )
    np.testing.assert_allclose(
        to_numpy(result).reshape(pasted[:, 0].shape), pasted[:, 0], atol=2e-5
    )


@cases(10)
@given(
    x=st.integers(-6, 12),
    y=st.integers(-6, 12),
    width=st.integers(1, 12),
    height=st.integers(1, 12),
)
def test_without_a_frame_it_is_resizing(x, y, width, height):
    """A box of whole pixels, up to its last one."""
    random = np.random.default_rng(width)
    mask = random.uniform(size=(1, 5, 5, 1)).astype("float32")
    expected = np.zeros((24 + 24, 24 + 24), "float32")
    resized = to_numpy(resize_bilinear(mask, (height + 1, width + 1)))
    rows, columns = (
        slice(y + 12, y + height + 13),
        slice(x + 12, x + width + 13),
    )
    expected[rows, columns] = resized[0, :, :, 0]
    box = np.float32([[[x, y, x + width, y + height]]])
    pasted = paste_masks(mask[None, ..., 0], box, (24, 24), padding=0)
    np.testing.assert_allclose(
        to_numpy(pasted)[0, 0], expected[12:36, 12:36], atol=1e-5
    )


@cases(10)
@given(
    corner=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
    scale=st.integers(1, 4),
)
def test_aligned_whole_boxes_repeat_or_keep_the_mask(corner, scale):
    """In its own size it is copied; its middle always stays in place."""
    mask = np.random.default_rng(scale).uniform(size=(1, 1, 3, 3))
    x, y = corner
    box = np.float32([[[x, y, x + 3 * scale, y + 3 * scale]]])
    pasted = to_numpy(paste_masks(mask, box, (24, 24), aligned=True))[0, 0]
    for row in range(3):
        for column in range(3):
            across = x + scale * column + (scale - 1) // 2
            down = y + scale * row + (scale - 1) // 2
            if scale % 2 and 0 <= across < 24 and 0 <= down < 24:
                np.testing.assert_allclose(
                    pasted[down, across], mask[0, 0, row, column], atol=1e-5
                )
    outside = np.ones((24, 24), bool)
    first, last = np.clip([y - scale, x - scale], 0, 24), box[0, 0, 2:] + scale
    outside[first[0] : int(last[1]), first[1] : int(last[0])] = False
    assert not pasted[outside].any()


@pytest.mark.parametrize(
    "box", [[0, 0, 0, 0], [5, 2, 3, 9], [np.nan, 0, 9, 9], [0, 0, np.inf, 9]]
)
def test_a_box_that_is_none_is_empty(box):
    pasted = paste_masks(np.ones((1, 1, 3, 3)), [[box]], (12, 12))
    assert not to_numpy(pasted).any()


def test_wrong_arguments():
    masks, boxes = np.ones((1, 2, 3, 3)), np.ones((1, 2, 4))
    with pytest.raises(ValueError, match="padding"):
        paste_masks(masks, boxes, (4, 4), padding=-1)
    with pytest.raises(ValueError, match="image_size"):
        paste_masks(masks, boxes, (4, 0))
    with pytest.raises(ValueError, match=r"boxes \(B, D, 4\)"):
        paste_masks(masks, boxes[0], (4, 4))
