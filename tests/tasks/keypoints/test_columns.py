import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.keypoints.columns import (
    count_keypoints,
    join,
    metric_truth,
    object_sizes,
    read_truth,
    split,
    split_maps,
)

NAN = np.nan
RNG = np.random.default_rng(0)
# There; there with a point that is not given; absent; of unknown presence.
POINTS = np.array(
    [
        [[1, 2, 2], [9, 6, 1]],
        [[1, 2, 2], [0, 0, 0]],
        [[0, 0, 0], [0, 0, 0]],
        [[3, 4, 2], [5, 5, 2]],
    ],
    "float32",
)
PRESENT = np.array([1, 1, 0, NAN], "float32")
VECTORS = np.array(
    [
        [1, 1, 2, 9, 6],
        [1, 1, 2, NAN, NAN],
        [0, 7, 7, 7, 7],
        [NAN, 3, 4, 5, 5],
    ],
    "float32",
)
GIVEN = [[True, True], [True, False], [False, False], [True, True]]


def lists(truth):
    return {k: to_numpy(v).tolist() for k, v in truth._asdict().items()}


def test_a_dict_and_a_vector_say_the_same():
    fields = {"keypoints": POINTS, "present": PRESENT}
    truth, same = lists(read_truth(fields)), lists(read_truth(VECTORS))
    assert truth["given"] == same["given"] == GIVEN
    assert truth["known"] == same["known"] == [True, True, True, False]
    assert truth["present"] == same["present"] == [True, True, False, False]
    given = np.array(GIVEN)
    for name in (truth, same):
        assert (np.array(name["points"])[given] == POINTS[given, :2]).all()


def test_points_alone_say_that_the_object_is_there():
    truth = lists(read_truth(POINTS))
    assert truth["given"] == GIVEN
    assert truth["known"] == truth["present"] == [True, True, False, True]


def test_points_of_an_absent_object_are_not_given():
    fields = {"keypoints": POINTS[:1], "present": np.array([0])}
    truth = lists(read_truth(fields))
    assert truth["given"] == [[False, False]]
    keypoints = to_numpy(metric_truth(fields)["keypoints"])
    assert (keypoints[..., 2] == 0).all()


def test_missing_all_over():
    fields = {"keypoints": np.full((1, 2, 3), NAN), "present": np.array([-1])}
    for truth in (fields, np.full((1, 5), NAN), np.full((1, 2, 3), NAN)):
        read = lists(read_truth(truth))
        assert read["known"] == [False]
        assert read["given"] == [[False, False]]
        assert read["points"] == [[[0, 0], [0, 0]]]


def test_sizes():
    far = np.array([[[0, 0], [4, 30]]] * 4, "float32")
    whole = object_sizes(read_truth(POINTS), far)
    # Where a point is missing, the predicted ones tell.
    assert to_numpy(whole).tolist() == [8, 30, 30, 2]
    box = np.array([[0, 0, 12, 9]] * 3 + [[NAN, 0, 1, 1]], "float32")
    truth = read_truth({"keypoints": POINTS, "box": box})
    assert to_numpy(object_sizes(truth, far)).tolist() == [12, 12, 12, 2]


def test_vectors_there_and_back():
    logit, points = RNG.normal(size=3), RNG.normal(size=(3, 4, 2))
    back = split(join(logit, points))
    np.testing.assert_allclose(to_numpy(back[0]), logit, rtol=1e-6)
    np.testing.assert_allclose(to_numpy(back[1]), points, rtol=1e-6)


def test_cells_there_and_back():
    values = RNG.normal(size=(2, 3, 5, 4))
    maps = to_numpy(join_cells(values, 4))
    assert maps[1, 2, 4, 4:].tolist() == [16, 8, 20, 12]
    back, start, step = map(to_numpy, split_maps(maps))
    np.testing.assert_allclose(back, values, rtol=1e-6)
    assert (start.tolist(), step.tolist()) == ([2, 2], [4, 4])


@pytest.mark.parametrize("shape", [(2, 4), (2, 1), (2, 3, 3), (2, 8, 8, 4), ()])
def test_no_such_outputs(shape):
    with pytest.raises(ValueError, match="a loss expects vectors"):
        count_keypoints(np.zeros(shape), "a loss")
