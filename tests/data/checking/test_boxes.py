import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mtvision.data.checking import boxes as checks
from mtvision.data.checking import kinds
from mtvision.data.checking.check import check

IMAGE = np.zeros((10, 20, 3), "uint8")


def found(check, **sample):
    return [(f.kind, f.field, f.detail) for f in check(sample)]


@pytest.mark.parametrize(
    ("box", "kind"),
    [
        ([3, 3, 3, 8], kinds.BOX_WITHOUT_AREA),
        ([3, 3, 3, 3], kinds.BOX_WITHOUT_AREA),
        ([5, 3, 3, 8], kinds.BOX_INVERTED),
        ([3, 8, 5, 3], kinds.BOX_INVERTED),
        ([20, 0, 25, 5], kinds.BOX_OUTSIDE),
        ([-1, 0, 5, 5], kinds.BOX_PARTLY_OUTSIDE),
        ([0, 0, 5, 11.5], kinds.BOX_PARTLY_OUTSIDE),
        ([0, np.nan, 5, 5], kinds.NON_FINITE),
        ([0, 0, np.inf, 5], kinds.NON_FINITE),
    ],
)
def test_each_fault_has_its_kind(box, kind):
    boxes = np.array([[0, 0, 20, 10], box], "float32")
    ((one, field, detail),) = found(
        checks.check_boxes, image=IMAGE, boxes=boxes
    )
    assert (one, field) == (kind, "boxes")
    assert detail.startswith("row 1 is (")
    # Without its image nothing is known to be outside.
    outside = kind in (kinds.BOX_OUTSIDE, kinds.BOX_PARTLY_OUTSIDE)
    assert len(found(checks.check_boxes, boxes=boxes)) == 1 - outside


def test_copies_have_the_same_class_and_coordinates():
    box, other = [1, 1, 5, 5], [1, 1, 5, 6]
    boxes = np.array([box, box, other, box, box], "float32")
    classes = np.array([0, 1, 0, 0, -1])
    kind = kinds.BOX_DUPLICATE
    faults = checks.faults_of({"boxes": boxes, "classes": classes}, "boxes")
    assert faults[kind].tolist() == [False, False, False, True, False]
    faults = checks.faults_of({"boxes": boxes}, "boxes")
    assert faults[kind].tolist() == [False, True, False, True, True]


def test_padding_is_no_box():
    sample = {
        "image": IMAGE,
        "boxes": np.zeros((3, 4)),
        "classes": np.array([-1, -1, -1]),
        "crowd": np.ones(3),
    }
    assert found(checks.check_boxes, **sample) == []
    assert found(checks.check_crowds, **sample) == []
    assert found(checks.check_number_of_boxes, **sample) == [
        (kinds.NO_OBJECT, "boxes", "")
    ]


@pytest.mark.parametrize(
    ("present", "number"), [(1.0, 1), (0.0, 0), (np.nan, 0), (None, 1)]
)
def test_a_box_that_is_not_present_is_not_judged(present, number):
    sample = {"image": IMAGE, "box": np.array([5.0, 5, 5, 5])}
    if present is not None:
        sample["present"] = np.array(present)
    assert len(found(checks.check_boxes, **sample)) == number
    sample["box"] = np.full(4, np.nan)
    assert found(checks.check_boxes, **sample) == []


def test_several_boxes_where_one_is_expected():
    boxes = np.array([[0, 0, 5, 5], [5, 5, 9, 9]])
    sample = {"boxes": boxes, "box": boxes[0]}
    assert found(checks.check_number_of_boxes, **sample) == [
        (kinds.SEVERAL_BOXES, "boxes", "2 boxes")
    ]
    assert found(checks.check_number_of_boxes, boxes=boxes) == []


def test_fields_of_one_prefix_belong_together():
    sample = {
        "cat_boxes": np.array([[0, 0, 5, 5], [0, 0, 5, 5]]),
        "cat_classes": np.array([1, 2]),
        "classes": np.array([3, 3]),
    }
    assert found(checks.check_boxes, **sample) == []


@given(arrays.arrays("bool", (6, 7)))
def test_the_box_around_a_mask_is_the_smallest(mask):
    box = checks.box_around(mask)
    if box is None:
        assert not mask.any()
        return
    x1, y1, x2, y2 = box
    inside = mask[y1:y2, x1:x2]
    assert inside.sum() == mask.sum()
    for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
        assert edge.any()


@given(st.integers(0, 4), st.sampled_from([0, 1, 2, 3]))
def test_boxes_may_miss_their_masks_by_two_pixels(shift, edge):
    mask = np.zeros((1, 40, 40), "uint8")
    mask[0, 10:30, 10:30] = 1
    boxes = np.array([[10, 10, 30, 30]], "float32")
    boxes[0, edge] += shift
    number = len(found(checks.check_boxes_of_masks, boxes=boxes, masks=mask))
    assert number == (shift > 2)


def test_the_part_of_a_box_outside_does_not_disagree_with_its_mask():
    masks = np.ones((1, 10, 20), "uint8")
    boxes = np.array([[-9, -9, 40, 40]], "float32")
    sample = {"image": IMAGE, "boxes": boxes, "masks": masks}
    assert found(checks.check_boxes_of_masks, **sample) == []


@pytest.mark.parametrize(
    ("box", "kind"),
    [
        ((1, 1, 8.005, 8), None),
        ((1, 1, 8.4, 8), kinds.BOX_OVER_EDGE),
        ((-0.5, 1, 8, 8), kinds.BOX_OVER_EDGE),
        ((1, 1, 9, 8), kinds.BOX_PARTLY_OUTSIDE),
        ((8.2, 1, 8.4, 8), kinds.BOX_OUTSIDE),
    ],
)
def test_a_pixel_beyond_the_image_is_a_fact(box, kind):
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype("uint8")
    source = [{"image": image, "boxes": np.array([box], "float32")}]
    report = check(source, verbose=0)
    found = report.findings.keys() - {kinds.BOX_TINY}
    assert found == ({kind} - {None})
    is_defect = kind in (kinds.BOX_PARTLY_OUTSIDE, kinds.BOX_OUTSIDE)
    assert len(report.source) == (0 if is_defect else 1)
    assert (kind in report.defects) == is_defect
