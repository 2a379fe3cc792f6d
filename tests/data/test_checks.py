import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data import checks
from mtvision.ops.box_faults import box_faults

SHAPE = (10, 20, 3)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4), "uint8"), "grey image needs a last axis"),
        (np.zeros((1, 4, 4, 3), "uint8"), "received shape"),
        (np.zeros((3, 8, 8), "uint8"), "channels first"),
        (np.zeros((0, 8, 3), "uint8"), "empty"),
        (np.zeros((8, 8, 3), "int64"), "int64"),
        (np.full((8, 8, 3), np.inf), "infinity"),
        (np.full((8, 8, 3), np.nan, "float32"), "NaN"),
    ],
)
def test_bad_images_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        checks.check_image(image)


@pytest.mark.parametrize("channels", [1, 3, 4, 7])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
def test_good_images_pass(channels, dtype):
    checks.check_image(np.zeros((5, 6, channels), dtype))


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (np.array("cat"), "strings"),
        (np.array([None, 1]), "strings"),
        (np.array(-2), "-2"),
        (np.array(np.inf), "infinite"),
        (np.array([1.0, np.nan]), "1 of 2 values"),
        (np.array(10), "largest is 9"),
        (np.array([[3, 10]]), "largest is 9"),
    ],
)
def test_bad_labels_are_refused(label, message):
    with pytest.raises(ValueError, match=message):
        checks.check_label(label, num_classes=10)


@pytest.mark.parametrize(
    "label",
    [
        np.array(-1),
        np.array(9, "uint8"),
        np.full(4, np.nan),
        np.array([[0, 255]], "uint8"),
        np.zeros((0,), "int32"),
        np.array(True),
    ],
)
def test_good_and_missing_labels_pass(label):
    checks.check_label(label, num_classes=10)


@given(st.lists(st.floats(width=32), min_size=4, max_size=4))
def test_clipped_boxes_are_sound_unless_they_were_hopeless(box):
    boxes = np.array([box], "float32")
    faults = box_faults(boxes, SHAPE)
    assert sum(int(v.sum()) for v in faults.values()) <= 1
    hopeless = any(
        v.any() for k, v in faults.items() if not k.startswith("partly")
    )
    if not hopeless:
        clipped = checks.clip_boxes(boxes, SHAPE)
        again = box_faults(clipped, SHAPE)
        assert not any(v.any() for v in again.values())


def test_sizes_of_maps_and_masks_are_compared_with_the_image():
    checks.check_size("semantic", np.zeros((10, 20)), SHAPE)
    checks.check_size("masks", np.zeros((0, 10, 20)), SHAPE)
    checks.check_size("label", np.array(1), SHAPE)
    with pytest.raises(ValueError, match="10 x 20"):
        checks.check_size("cat_mask", np.zeros((20, 10)), SHAPE)
    with pytest.raises(ValueError, match=r"\(M, H, W\)"):
        checks.check_size("masks", np.zeros((10, 20)), SHAPE)
