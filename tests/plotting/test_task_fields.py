import numpy as np
import pytest

from mtvision.data.batching.targets import assemble
from mtvision.plotting.task_fields import fields_of_task

COLUMNS = {
    "present": np.array([1, 0], "float32"),
    "box": np.arange(8, dtype="float32").reshape(2, 4),
    "label": np.array([3, 4], "float32"),
    "attributes": np.arange(6, dtype="float32").reshape(2, 3),
    "corner_present": np.arange(6, dtype="float32").reshape(2, 3),
    "corner_box": np.arange(24, dtype="float32").reshape(2, 3, 4),
}


@pytest.mark.parametrize(
    "structure",
    [
        "label",
        ("present", "box"),
        ("present", "box", "label"),
        ("label", "attributes", "present"),
        ("corner_present", "corner_box"),
        {"where": "box", "what": "label"},
    ],
)
def test_what_batches_assemble_comes_apart(structure):
    parts = fields_of_task("task", assemble(structure, COLUMNS), structure)
    for name, part in parts.items():
        np.testing.assert_array_equal(part, COLUMNS[name])


def test_scores_of_classes_take_the_place_of_the_label():
    value = np.arange(16).reshape(2, 8)
    names = ("present", "box", "label")
    parts = fields_of_task("head", value, names)
    assert {k: v.shape for k, v in parts.items()} == {
        "present": (2,),
        "box": (2, 4),
        "label": (2, 3),
    }


def test_what_decoders_name_otherwise():
    decoded = {
        "objectness": np.ones(2),
        "box": np.ones((2, 4)),
        "classes": np.ones((2, 3)),
    }
    names = ("head_present", "head_box", "head_label")
    assert set(fields_of_task("head", decoded, names)) == set(names)


@pytest.mark.parametrize(
    ("value", "structure"),
    [
        (np.zeros((2, 6)), ("present", "box", "box")),
        (np.zeros((2, 6)), ("box", "present")[::-1] + ("attributes",) * 2),
        (np.zeros((2, 3)), ("present", "box")),
        (np.zeros((2, 3)), {"boxes": "boxes"}),
    ],
)
def test_what_does_not_fit(value, structure):
    with pytest.raises(ValueError, match=r"'head'.*\(2, \d\)"):
        fields_of_task("head", value, structure)
