import numpy as np
import pytest

from mtvision.ops.object_checks import check_objects, object_boxes


def truth(**more):
    boxes = [[[0, 0, 4, 4], [2, 2, 6, 6], [0, 0, 0, 0]]]
    fields = {"boxes": boxes, "classes": [[0, 2, -1]], **more}
    return {name: np.array(field, "float32") for name, field in fields.items()}


def test_annotated_classes():
    check_objects(truth(annotated=[[1, 0, 1]]), 3)
    with pytest.raises(ValueError, match="sample 0 .* not annotated"):
        check_objects(truth(annotated=[[1, 1, 0]]), 3)
    with pytest.raises(ValueError, match="2 columns.* 3 classes"):
        check_objects(truth(annotated=[[1, 1]]), 3)


def test_a_class_out_of_range_names_the_sample():
    with pytest.raises(ValueError, match="sample 0 has the class 2"):
        check_objects(truth(), 2)


def test_boxes_to_be_checked():
    assert np.isnan(object_boxes(truth())[0]).all(1).tolist() == [0, 0, 1]


def test_a_class_of_nan():
    y = truth()
    y["classes"][0, 1] = np.nan
    with pytest.raises(ValueError, match="sample 0 has NaN .* object 1"):
        check_objects(y, 3)
    y["boxes"][:] = np.nan  # a missing label
    check_objects(y, 3)


@pytest.mark.parametrize("wrong", [2, 0.5, np.nan])
@pytest.mark.parametrize("field", ["crowd", "difficult", "annotated"])
def test_flags_are_zero_or_one(field, wrong):
    flags = [[1, 0, 1]]
    check_objects(truth(**{field: flags}), 3)
    flags[0][1 if field == "annotated" else 0] = wrong
    value = f"{wrong:g}"
    with pytest.raises(ValueError, match=f"sample 0 has {value} in '{field}'"):
        check_objects(truth(**{field: flags}), 3)


@pytest.mark.parametrize("filling", [-1, np.nan])
def test_flags_of_padding_and_of_missing_labels(filling):
    check_objects(truth(crowd=[[1, 0, filling]]), 3)
    y = truth(crowd=[[filling] * 3], annotated=[[filling] * 3])
    y["boxes"][:], y["classes"][:] = np.nan, -1
    check_objects(y, 3)


def test_unknown_fields():
    with pytest.raises(ValueError, match="Did you mean 'crowd'"):
        check_objects(truth(iscrowd=[[1, 0, 0]]))


def test_boxes_as_shares_of_the_image():
    y = truth()
    y["boxes"] /= 6
    with pytest.raises(ValueError, match="shares of the image.* in pixels"):
        check_objects(y)
    y["boxes"][0, 0, 2] = 1.5
    check_objects(y)
    check_objects({"boxes": y["boxes"][:, 2:], "classes": y["classes"][:, 2:]})


@pytest.mark.parametrize("number", [1e19, 1e30])
def test_class_numbers_that_no_integer_holds(number):
    given = truth(annotated=[[1, 0, 1]])
    given["classes"] = np.full(given["classes"].shape, number)
    with pytest.raises(ValueError, match="class"):
        check_objects(given, 3)
    check_objects(given, None)  # of a loss that knows no classes
