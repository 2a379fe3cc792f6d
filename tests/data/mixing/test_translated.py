import numpy as np
import pytest

from mtvision.data.mixing.translated import Translated


class Animals(list):
    def __init__(self, samples):
        super().__init__(samples)
        self.classes = {
            "classes": ["cat", "dog", "sofa"],
            "semantic": ["ground", "cat"],
            "label": ["in", "out"],
            "attributes": ["young", "wet"],
        }


def animals(**fields):
    return Animals(
        [
            {
                "image": np.zeros((2, 2, 3), "uint8"),
                "boxes": np.arange(12, dtype="float32").reshape(3, 4),
                "classes": np.array([2, 0, 1]),
                "masks": np.arange(12).reshape(3, 2, 2),
                "semantic": np.array([[0, 1], [-1, 255]]),
                "label": np.array(1),
                "attributes": np.array([1.0, 0.0]),
            }
            | fields
        ]
    )


def test_objects_of_no_common_class_leave_with_all_rows():
    source = Translated(
        animals(area=np.array([5.0, 6.0, np.nan])),
        classes={"classes": ["dog", "cow", "cat"]},
        class_maps={"classes": {"sofa": None}},
    )
    sample = source[0]
    assert sample["classes"].tolist() == [2, 0]
    np.testing.assert_array_equal(
        sample["boxes"], np.arange(4, 12).reshape(2, 4)
    )
    np.testing.assert_array_equal(
        sample["masks"], np.arange(4, 12).reshape(2, 2, 2)
    )
    np.testing.assert_array_equal(sample["area"], [6, np.nan])
    assert sample["annotated"].tolist() == [1, 0, 1]
    assert source.classes["classes"] == ["dog", "cow", "cat"]
    assert source.classes["label"] == ["in", "out"]


def test_padding_rows_stay():
    source = Translated(
        animals(classes=np.array([0, -1, 1])),
        classes={"classes": ["dog", "cat", "sofa"]},
    )
    assert source[0]["classes"].tolist() == [1, -1, 0]


def test_maps_labels_and_attributes():
    sample = Translated(
        animals(),
        classes={
            "semantic": ["sky", "cat", "ground"],
            "label": ["out", "in"],
            "attributes": ["wet", "old", "young"],
        },
    )[0]
    assert sample["semantic"].tolist() == [[2, 1], [-1, 255]]
    assert sample["label"] == 0
    np.testing.assert_array_equal(sample["attributes"], [0, np.nan, 1])
    assert "annotated" not in sample


def test_fields_with_a_prefix():
    source = Translated(
        animals(),
        rename={"boxes": "pet_boxes", "classes": "pet_classes"},
        classes={"pet_classes": ["cat", "dog", "sofa"]},
    )
    sample = source[0]
    assert sample["pet_annotated"].tolist() == [1, 1, 1]
    assert sample["pet_classes"].tolist() == [2, 0, 1]
    assert "classes" not in sample


def test_the_source_stays_as_it_is():
    source = animals()
    before = {k: v.copy() for k, v in source[0].items()}
    _ = Translated(source, classes={"classes": ["sofa", "dog", "cat"]})[0]
    for name, value in before.items():
        np.testing.assert_array_equal(source[0][name], value)


def test_some_fields_only():
    source = Translated(
        animals(), rename={"label": "place"}, keep=["place", "boxes"]
    )
    assert sorted(source[0]) == ["boxes", "image", "place"]
    assert source.classes == {"place": ["in", "out"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": ["lable"]}, "'lable' to keep.*Did you mean 'label'"),
        ({"rename": {"boxs": "a"}}, "'boxs'.*Did you mean 'boxes'"),
        ({"rename": {"boxes": "masks"}}, "'masks', which is there already"),
        ({"classes": {"label": ["in"]}}, "field 'label': the class 'out'"),
        ({"classes": {"kind": ["in"]}}, "own_classes={'kind'"),
        (
            {"class_maps": {"clases": {}}, "classes": {"classes": []}},
            "'clases'.*Did you mean 'classes'",
        ),
    ],
)
def test_bad_names(options, message):
    with pytest.raises(ValueError, match=message):
        Translated(animals(), **options)
