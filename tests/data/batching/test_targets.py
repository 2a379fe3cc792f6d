import numpy as np

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
