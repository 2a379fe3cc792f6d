import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.labels import (
    any_in_sample,
    class_factors,
    is_labelled,
    is_share,
    match_rank,
)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_is_labelled(dtype):
    labels = np.array([0, 3, 4, 255]).astype(dtype)
    found = is_labelled(labels, num_classes=4, ignore_class=255)
    assert to_numpy(found).tolist() == [True, True, False, False]
    assert to_numpy(is_labelled(labels)).all()


def test_placeholders_are_not_labels():
    assert not to_numpy(is_labelled(np.array([-1, -7]))).any()
    assert not to_numpy(is_labelled(np.array([np.nan, -0.5]))).any()


def test_shares_are_from_0_to_1():
    labels = np.array([0, 1, 0.5, 1.5, -1, np.nan, np.inf, -np.inf, 1e30])
    assert to_numpy(is_share(labels)).tolist() == [True] * 3 + [False] * 6
    assert to_numpy(is_share(np.array([1, 2], "uint8"))).tolist() == [
        True,
        False,
    ]


def test_any_in_sample():
    mask = np.zeros((3, 2, 2), bool)
    mask[1, 0, 1] = True
    assert to_numpy(any_in_sample(mask)).tolist() == [False, True, False]
    assert to_numpy(any_in_sample(mask[:, 0, 1])).tolist() == [0, 1, 0]


def test_match_rank_refuses_one_hot():
    with pytest.raises(ValueError, match="argmax"):
        match_rank(np.zeros((2, 5, 5, 3)), np.zeros((2, 5, 5, 3)))
    with pytest.raises(ValueError, match="argmax"):
        match_rank(np.zeros((2, 5)), np.zeros((2, 5, 5, 3)))


def test_class_factors():
    with pytest.raises(ValueError, match=r"my_loss was given 1 .* 3 classes"):
        class_factors([1.0], 3, "my_loss")
