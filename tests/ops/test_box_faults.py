import numpy as np
import pytest

from mtvision.ops.box_faults import box_faults, check_boxes

SHAPE = (10, 20, 3)


@pytest.mark.parametrize(
    ("box", "fault"),
    [
        ([np.nan, 0, 1, 1], "non-finite"),
        ([0, 0, np.inf, 1], "non-finite"),
        ([5, 0, 2, 4], "inverted or without area"),
        ([2, 4, 2, 6], "inverted or without area"),
        ([20, 0, 30, 5], "outside of the image"),
        ([-5, -5, 0, 0], "outside of the image"),
        ([-1, 0, 4, 4], "partly outside of the image"),
        ([0, 5, 4, 11], "partly outside of the image"),
        ([0, 0, 20, 10], None),
        ([0, 0, 20.001, 10], None),
    ],
)
def test_each_box_has_the_fault_it_has(box, fault):
    faults = box_faults(np.array([box]), SHAPE)
    assert [k for k, v in faults.items() if v.any()] == [fault] * bool(fault)


def test_boxes_of_any_rank():
    boxes = np.array([[[0, 0, 1, 1], [5, 0, 2, 4]], [[0, 0, 30, 5]] * 2])
    faults = box_faults(boxes, SHAPE)
    empty = [[False, True], [False, False]]
    assert faults["inverted or without area"].tolist() == empty
    beyond = [[False, False], [True, True]]
    assert faults["partly outside of the image"].tolist() == beyond


def test_without_an_image_no_box_is_outside():
    assert not any(v.any() for v in box_faults([[-9, 0, 99, 9]], None).values())


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([5, 0, 2, 4], "inverted or without area"),
        ([25, 0, 30, 4], r"outside of the image.*10 x 20"),
        ([0, 0, 22, 4], r"partly outside of the image.*10 x 20"),
        ([0, 0, np.inf, 4], "non-finite"),
    ],
)
def test_a_fault_names_sample_box_and_image(box, message):
    boxes = np.tile([1.0, 1, 3, 3], (3, 2, 1))
    boxes[1, 0] = np.nan
    check_boxes(boxes, SHAPE[:2])
    boxes[2, 1] = box
    with pytest.raises(ValueError, match=rf"^sample 2 has a box.*{message}"):
        check_boxes(boxes, SHAPE[:2])


def test_rounding_to_whole_pixels_passes():
    check_boxes(np.array([[-1.0, 0, 21, 11]]), SHAPE[:2])
