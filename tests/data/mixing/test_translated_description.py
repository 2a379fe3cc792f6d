import numpy as np
import pytest

from mtvision.data import Translated
from mtvision.data.readers.findings import Findings

COLUMNS = {
    "boxes": [np.arange(8.0).reshape(2, 4), np.zeros((0, 4)), None],
    "classes": [np.array([2, 1]), np.zeros(0, "int32"), None],
    "label": np.array([1, -1, 0], "int32"),
    "age": np.array([1.5, 2, np.nan], "float32"),
}


class Animals:
    """A source that says what readers say."""

    def __init__(self):
        self.classes = {
            "classes": ["cat", "dog", "sofa"],
            "label": ["in", "out"],
        }
        self.files = ["0.png", "1.png", "2.png"]
        self.findings = Findings({"no object": ["1.png"]})

    def __len__(self):
        return 3

    def __getitem__(self, index):
        labels = {name: column[index] for name, column in COLUMNS.items()}
        return {"image": np.zeros((4, 4, 3), "uint8")} | labels

    def path(self, index):
        return f"animals/{self.files[index]}"

    def column(self, name):
        if name not in COLUMNS:
            raise ValueError(f"There is no column {name!r}.")
        return COLUMNS[name]

    def report(self):
        return "3 animals"


@pytest.fixture
def translated():
    return Translated(
        Animals(),
        keep=["cat_boxes", "cat_classes", "label"],
        rename={"boxes": "cat_boxes", "classes": "cat_classes"},
        classes={"cat_classes": ["dog", "cat"], "label": ["out", "in"]},
        class_maps={"cat_classes": {"sofa": None}},
    )


def test_it_says_what_its_source_says(translated):
    assert translated.files == ["0.png", "1.png", "2.png"]
    assert translated.path(1) == "animals/1.png"
    assert translated.findings == {"no object": ["1.png"]}
    assert translated.report() == "3 animals"


@pytest.mark.parametrize("name", ["cat_boxes", "cat_classes", "label"])
def test_columns_are_those_of_samples(translated, name):
    column = translated.column(name)
    for index in range(3):
        np.testing.assert_array_equal(column[index], translated[index][name])
    if name != "label":
        assert column[2] is None
        assert len(column[0]) == 1


@pytest.mark.parametrize("name", ["boxes", "age", "depth"])
def test_columns_of_other_names_are_refused(translated, name):
    with pytest.raises(ValueError, match=f"no column '{name}'"):
        translated.column(name)


def test_fields_may_change_names():
    source = Translated(Animals(), rename={"age": "label", "label": "age"})
    assert source.column("age").tolist() == [1, -1, 0]
    assert source.column("label").dtype == "float32"


def test_lists_say_nothing_of_files():
    source = Translated([{"image": None}])
    for name in ("files", "path", "findings", "column", "report"):
        assert not hasattr(source, name)
