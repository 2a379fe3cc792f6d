import numpy as np
import pytest

from mtvision.tasks import constant_localization

NAN = np.nan


def test_missing_labels_and_absent_objects_are_left_out():
    truth = np.array(
        [
            [1, 0, 0, 4, 4],
            [1, 2, 2, 8, 8],
            [1, NAN, NAN, NAN, NAN],
            [0, 9, 9, 9, 9],
            [NAN, 7, 7, 7, 7],
        ]
    )
    constant = constant_localization(truth)
    np.testing.assert_allclose(constant, [np.log(3), 1, 1, 6, 6], rtol=1e-5)


@pytest.mark.parametrize("classes", [[[2], [2], [0]], np.eye(3)[[2, 2, 0]]])
def test_classes_as_one_index_or_one_hot(classes):
    boxes = np.ones((3, 5))
    constant = constant_localization(np.hstack([boxes, classes]), 3)
    assert constant.shape == (8,)
    np.testing.assert_allclose(
        np.exp(constant[5:]), [1 / 3, 1e-3, 2 / 3], rtol=1e-3
    )


def test_no_object_at_all():
    assert np.isfinite(constant_localization(np.zeros((3, 5)))).all()


def test_each_of_several_objects_has_its_own():
    truth = np.array([[[1, 0, 0, 4, 4], [0, 0, 0, 0, 0]]] * 3, "float32")
    prediction = constant_localization(truth)
    assert prediction.shape == (2, 5)
    np.testing.assert_allclose(prediction[0, 1:], [0, 0, 4, 4])
