import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mtvision.ops.truth_checks import (
    check_class_indices,
    check_class_maps,
    check_shares,
)

LABELS = hnp.arrays(
    st.sampled_from(["int32", "int64", "float32"]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5),
    elements=st.integers(-3, 8),
)


@given(LABELS)
def test_class_indices_are_from_minus_one_to_c(labels):
    if labels.min() >= -1 and labels.max() < 5:
        check_class_indices(labels, 5)
        return
    with pytest.raises(ValueError, match="from 0 to 4") as caught:
        check_class_indices(labels, 5)
    sample = int(str(caught.value).split()[1])
    assert ((labels[sample] < -1) | (labels[sample] > 4)).any()
    assert ((labels[:sample] >= -1) & (labels[:sample] < 5)).all()


def test_ignored_and_missing_classes_pass():
    check_class_indices(np.array([0, 255, -1]), 3, ignore_class=255)
    check_class_indices(np.array([0.0, 2.0, np.nan]), 3)
    check_class_indices(np.zeros(0), 3)


def test_a_class_is_a_whole_number():
    with pytest.raises(ValueError, match="sample 1 has the class 0.5"):
        check_class_indices(np.array([0.0, 0.5]), 3)


def test_an_unsigned_mask_with_void_pixels_needs_ignore_class():
    mask = np.zeros((2, 4, 4), "uint8")
    mask[1, 2, 2] = 255
    with pytest.raises(ValueError, match="sample 1 has the class 255"):
        check_class_maps(mask, np.zeros((2, 4, 4, 3)))
    check_class_maps(mask, np.zeros((2, 4, 4, 3)), ignore_class=255)


def test_maps_have_the_size_of_the_prediction():
    with pytest.raises(ValueError, match=r"\(4, 4\), the prediction of \(8"):
        check_class_maps(np.zeros((2, 4, 4)), np.zeros((2, 8, 8, 3)))
    with pytest.raises(ValueError, match=r"maps of \(4, 4, 1\)"):
        check_class_maps(np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 4, 9, 3)))


@pytest.mark.parametrize("wrong", [2.0, -0.5, np.inf])
def test_shares_are_from_0_to_1(wrong):
    check_shares(np.array([[0.0, 1.0, 0.3], [np.nan, -1.0, 1.0]]))
    with pytest.raises(ValueError, match="sample 1 has the label"):
        check_shares(np.array([[0.0, 1.0], [1.0, wrong]]))
