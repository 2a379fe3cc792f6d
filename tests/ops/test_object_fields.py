import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.object_fields import (
    SHAPES,
    pad_objects,
    require_known_fields,
    require_objects,
)

SIZES = {"B": 2, "M": 3, "H": 5, "W": 6, "K": 7, "L": 8, "C": 4}
SIZES |= {str(n): n for n in (2, 3, 4)}


def truth(**sizes):
    sizes = {**SIZES, **sizes}
    shapes = {k: v.strip("()").split(", ") for k, v in SHAPES.items()}
    return {
        name: np.ones([sizes.get(a, a) for a in axes], "uint8")
        for name, axes in shapes.items()
    }


def test_all_fields_of_their_shapes():
    require_objects(truth())
    require_objects(truth(M=0))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 3)), "no dict"),
        ({"boxes": np.zeros((2, 3, 4))}, r"received \['boxes'\]"),
        ({**truth(), "boxes": np.zeros((2, 4))}, "'boxes' of shape"),
        ({**truth(), "boxes": np.zeros((2, 3, 5))}, "'boxes' of shape"),
        ({**truth(), "classes": np.zeros((2, 3, 1))}, "'classes' of shape"),
        ({**truth(), "masks": np.zeros((2, 3, 8))}, "'masks' of shape"),
    ],
)
def test_malformed_truths(wrong, message):
    with pytest.raises(ValueError, match=message):
        require_objects(wrong)


@pytest.mark.parametrize("field", [k for k, v in SHAPES.items() if "M" in v])
def test_fields_of_other_numbers_of_rows(field):
    wrong = {**truth(), field: truth(M=1)[field]}
    with pytest.raises(ValueError, match=r"'boxes' has shape .* but '\w+'"):
        require_objects(wrong)


def test_fields_of_other_numbers_of_samples():
    wrong = {**truth(), "annotated": np.ones((1, 4))}
    with pytest.raises(ValueError, match=r"but 'annotated' \(1, 4\)"):
        require_objects(wrong)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("iscrowd", " Did you mean 'crowd'?"),
        ("gt_boxes", " Did you mean 'boxes'?"),
        ("labels", ""),
        ("extreme_point", " Did you mean 'extreme_points'?"),
        ("foo", ""),
    ],
)
def test_unknown_fields(name, hint):
    require_known_fields(truth())
    with pytest.raises(ValueError, match=f"{name!r}, which no task") as error:
        require_known_fields({**truth(), name: 0})
    assert f"reads.{hint} Expected 'boxes'" in str(error.value)


def test_padding_is_added_where_there_is_no_row():
    assert pad_objects(truth())["boxes"].shape == (2, 3, 4)
    padded = pad_objects(truth(M=0))
    for name, shape in SHAPES.items():
        if "M" not in shape:
            continue
        field = to_numpy(padded[name])
        assert field.shape == truth(M=1)[name].shape
        assert (field == (-1 if name == "classes" else 0)).all()
    assert padded["annotated"].shape == (2, 4)
