import numpy as np
import pytest

from mtvision.data.checking import kinds
from mtvision.data.checking.structure import is_given, take_apart

IMAGE = np.zeros((4, 6, 3), "uint8")


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("label", None, False),
        ("label", np.array(-1), False),
        ("label", 3, True),
        ("box", np.full(4, np.nan), False),
        ("box", np.array([1, np.nan, 3, 4]), True),
        ("attributes", np.array([np.nan, 1]), True),
        ("semantic", np.full((4, 6), -1), False),
        ("boxes", np.zeros((0, 4)), True),
        ("boxes", np.full((2, 4), np.nan), False),
        ("classes", np.full(3, -1), True),
        ("depth", np.full((4, 6), np.nan), False),
        ("caption", "", False),
        ("caption", "a cat", True),
        ("ragged", [[1], [2, 3]], True),
    ],
)
def test_what_is_given(name, value, given):
    assert is_given(name, value) == given


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("image", np.zeros((3, 4, 6)), kinds.UNSOUND_IMAGE),
        ("image", np.zeros((4, 6, 3), "int64"), kinds.UNSOUND_IMAGE),
        ("image", np.full((4, 6, 3), np.inf), kinds.NON_FINITE),
        ("boxes", np.zeros(4), kinds.UNSOUND_LABEL),
        ("boxes", np.zeros((2, 5)), kinds.UNSOUND_LABEL),
        ("semantic", np.zeros((4, 6, 1)), kinds.UNSOUND_LABEL),
        ("masks", np.zeros((4, 6)), kinds.UNSOUND_LABEL),
        ("keypoints", np.zeros((5, 4)), kinds.UNSOUND_LABEL),
        ("x", [[1], [2, 3]], kinds.UNSOUND_LABEL),
        ("x", 1j, kinds.UNSOUND_LABEL),
        ("x", "cat", kinds.TEXT),
        ("mask", np.zeros((6, 4)), kinds.SIZE_DIFFERS),
        ("depth", np.ones((4, 5)), kinds.SIZE_DIFFERS),
        ("masks", np.zeros((0, 6, 4)), kinds.SIZE_DIFFERS),
    ],
)
def test_unsound_fields_are_set_apart(field, value, kind):
    sample = {"image": IMAGE, "other": np.array(3), field: value}
    sound, findings = take_apart(sample)
    assert [(found.kind, found.field) for found in findings] == [(kind, field)]
    assert sound.keys() == {"image", "other"} - {field}


def test_rows_are_compared_within_a_prefix():
    sample = {
        "image": IMAGE,
        "boxes": np.zeros((2, 4)),
        "classes": np.zeros(3, "int32"),
        "cat_boxes": np.zeros((1, 4)),
        "keypoints": np.zeros((5, 2)),
    }
    sound, findings = take_apart(sample)
    assert {(f.kind, f.field, f.detail) for f in findings} == {
        (kinds.ROWS_DIFFER, name, "boxes 2, classes 3")
        for name in ("boxes", "classes")
    }
    assert sound.keys() == {"image", "cat_boxes", "keypoints"}


def test_a_sample_is_a_dict_with_an_image():
    assert take_apart([1])[1][0].detail == "expected a dict, received list"
    (found,) = take_apart({"label": 1})[1]
    assert found == (kinds.NO_IMAGE, "", "it has the fields ['label']")
