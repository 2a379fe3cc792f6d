import numpy as np

from mtvision.data import targets


def test_a_name_gives_the_array_itself():
    columns = {"label": np.arange(3)}
    assert targets.assemble("label", columns) is columns["label"]
    both = targets.assemble({"a": "label", "b": "label"}, columns)
    assert both["a"] is both["b"] is columns["label"]


def test_a_tuple_joins_ravelled_fields_as_floats():
    columns = {
        "p": np.array([1.0, np.nan]),
        "map": np.arange(8).reshape(2, 2, 2),
        "label": np.array([-1, 4]),
    }
    joined = targets.assemble(("p", "map", "label"), columns)
    expected = [[1, 0, 1, 2, 3, -1], [np.nan, 4, 5, 6, 7, 4]]
    np.testing.assert_array_equal(joined, np.float32(expected))


def test_weights_ask_the_first_of_a_tuple_and_all_of_a_dict():
    labelled = {"a": np.array([True, True]), "b": np.array([True, False])}
    assert targets.weights(("a", "b"), labelled).tolist() == [1, 1]
    assert targets.weights(("b", "a"), labelled).tolist() == [1, 0]
    assert targets.weights({"x": "a", "y": "b"}, labelled).tolist() == [1, 0]
    assert targets.weights("b", labelled).tolist() == [1, 0]


def test_a_hint_is_given_only_where_one_is_near():
    assert targets.hint("lable", ["label", "box"]) == " Did you mean 'label'?"
    assert targets.hint("depth", ["label", "box"]) == ""
