import numpy as np

from batteries.backend import to_numpy
from mtvision.tasks.localization.columns import (
    join,
    one_hot_classes,
    present_boxes,
    split,
)

VECTORS = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")


def test_join_undoes_split():
    objectness, box, classes = split(VECTORS)
    assert (objectness == VECTORS[..., 0]).all()
    assert box.shape == (2, 3, 4)
    np.testing.assert_array_equal(
        to_numpy(join(objectness, box, classes)), VECTORS
    )


def test_classes_in_either_form():
    index = np.array([[2.0], [0.0], [-1.0], [np.nan]], "float32")
    rows = np.array([[0, 0, 1], [1, 0, 0], [-1, 0, 0], [np.nan] * 3])
    for classes in (index, rows.astype("float32")):
        one_hot, labelled = map(to_numpy, one_hot_classes(classes, 3))
        assert one_hot[:2].tolist() == [[0, 0, 1], [1, 0, 0]]
        assert labelled.tolist() == [True, True, False, False]
        assert np.isfinite(one_hot).all()


def test_present_boxes():
    truth = np.array([[1, 1, 2, 3, 4], [0, 1, 2, 3, 4], [np.nan] * 5])
    boxes, found = map(to_numpy, present_boxes(truth, VECTORS[0]))
    assert boxes.tolist() == [[1, 2, 3, 4], [0] * 4, [0] * 4]
    np.testing.assert_array_equal(found, VECTORS[0][:, 1:5])
