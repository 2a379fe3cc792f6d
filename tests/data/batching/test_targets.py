import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.data.batching import targets


def test_a_name_gives_the_array_itself():
    columns = {"label": np.arange(3)}
    assert targets.assemble("label", columns) is columns["label"]
    both = targets.assemble({"a": "label", "b": "label"}, columns)
    assert both["a"] is both["b"] is columns["label"]


def test_a_tuple_joins_numbers_and_vectors():
    columns = {
        "p": np.array([1.0, np.nan]),
        "box": np.arange(8).reshape(2, 4),
        "label": np.array([-1, 4]),
    }
    joined = targets.assemble(("p", "box", "label"), columns)
    expected = [[1, 0, 1, 2, 3, -1], [np.nan, 4, 5, 6, 7, 4]]
    np.testing.assert_array_equal(joined, np.float32(expected))
    assert targets.assemble(("p", "label"), columns).shape == (2, 2)
    assert targets.assemble(("p",), columns).shape == (2, 1)


def test_a_tuple_joins_the_vectors_of_each_place():
    columns = {"p": np.ones((2, 3)), "box": np.zeros((2, 3, 4))}
    joined = targets.assemble(("p", "box"), columns)
    assert joined.shape == (2, 3, 5)
    assert joined[..., 0].min() == 1
    assert joined[..., 1:].max() == 0


def test_weights_ask_the_first_of_a_tuple_and_all_of_a_dict():
    labelled = {"a": np.array([True, True]), "b": np.array([True, False])}
    assert targets.weights(("a", "b"), labelled).tolist() == [1, 1]
    assert targets.weights(("b", "a"), labelled).tolist() == [1, 0]
    assert targets.weights({"x": "a", "y": "b"}, labelled).tolist() == [1, 0]
    assert targets.weights("b", labelled).tolist() == [1, 0]


def test_points_or_presence_are_a_label():
    """All that a sample can have of them; a box alone teaches nothing."""
    names = ("keypoints", "present", "box")
    rows = np.array(list(np.ndindex(2, 2, 2)), bool)
    labelled = dict(zip(names, rows.T))
    fields = {name: name for name in names}
    expected = rows[:, 0] | rows[:, 1]
    assert (targets.weights(fields, labelled) == expected).all()
    del fields["present"]
    assert (targets.weights(fields, labelled) == rows[:, 0]).all()
    # Of several objects, or with what no loss of key points reads.
    fields["classes"] = "present"
    assert (targets.weights(fields, labelled) == rows.all(axis=1)).all()


def test_what_a_sample_has_of_key_points_is_taught():
    points, box = np.array([[4.0, 4, 2], [12, 10, 2]]), np.array([4, 4, 12, 10])
    whole = {"keypoints": points, "present": 1.0, "box": box}
    samples = [
        {
            "image": np.zeros((16, 16, 3), "uint8"),
            **whole,
            **dict.fromkeys(gone),
        }
        for gone in ((), ("keypoints", "box"), ("present", "box"), [*whole])
    ]
    fields = {"pose": {name: name for name in whole}}
    _, truth, given = mtv.data.Batches(samples, fields)[0]
    loss = mtv.tasks.KeypointsLoss(reduction=None)
    # Points that are far, of an object that is not found.
    values = loss(truth["pose"], np.full((4, 5), -9.0, "float32"))
    values = keras.ops.convert_to_numpy(values)
    assert given["pose"].tolist() == [1, 1, 1, 0]
    assert values[1] > 5
    assert values[2] > 5
    assert values[0] == pytest.approx(values[1] + values[2], rel=1e-5)
    assert values[3] == 0
