import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.plotting.decided import decided


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=6))
def test_logits_and_their_probabilities_stand_for_one_class(logits):
    logits = np.array(logits)
    powers = np.exp(logits - logits.max())
    probabilities = powers / powers.sum()
    from_logits = decided("label", "label", logits)["label"]
    found = decided("label", "label", probabilities)
    # Close scores may round to the same probability.
    assert probabilities[from_logits] == pytest.approx(found["label_score"])


def test_a_count_or_an_identity_may_be_a_class():
    for kind in ("count", "identity"):
        assert decided("n", kind, np.array([0.1, 2.0, -1.0])) == {"n": 1}
        assert decided("n", kind, np.array([2.5])) == {"n": 2.5}
        assert decided("n", kind, np.array([0, 1]))["n"].tolist() == [0, 1]


def test_maps_of_scores_and_of_one_channel():
    scores = np.array([[[1.0, 2.0], [3.0, 0.0]]])
    assert decided("m", "mask", scores)["m"].tolist() == [[1, 0]]
    for one in ([[[0.2], [0.7]]], [[[-2.0], [1.5]]]):
        assert decided("m", "mask", np.array(one))["m"].tolist() == [[0, 1]]
    integers = np.array([[[3], [255]]])
    assert decided("m", "mask", integers)["m"].tolist() == [[3, 255]]
    depth = decided("depth", "depth", np.ones((4, 5, 1)))["depth"]
    assert depth.shape == (4, 5)


@pytest.mark.parametrize("values", [[0.2, 0.7, 1.0], [-3.0, 0.4, 9.0]])
def test_flags_from_probabilities_and_logits(values):
    found = decided("attributes", "attributes", np.array(values))
    assert found["attributes"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("label", np.int32(3)),
        ("box", np.arange(4.0)),
        ("attributes", np.array([0.0, np.nan, 1.0])),
        ("semantic", np.eye(3, dtype="int32")),
        ("caption", "a cat"),
        ("depth", None),
    ],
)
def test_labels_stay_as_they_are(kind, value):
    found = decided("x", kind, value)
    assert list(found) == ["x"]
    if value is None or isinstance(value, str):
        assert found["x"] == value
    else:
        np.testing.assert_array_equal(found["x"], value)
