import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data import Subset, split

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}


@given(st.integers(10, 200), st.integers(0, 5))
def test_parts_are_disjoint_and_complete(number, seed):
    parts = split(list(range(number)), SHARES, seed=seed)
    together = [x for part in parts.values() for x in part.indices]
    assert sorted(together) == list(range(number))
    for name, part in parts.items():
        assert abs(len(part) - SHARES[name] * number) <= 1


def test_the_seed_decides():
    source = list(range(50))
    first = split(source, SHARES, seed=1)["test"].indices
    same = split(source, SHARES, seed=1)["test"].indices
    other = split(source, SHARES, seed=2)["test"].indices
    np.testing.assert_array_equal(first, same)
    assert set(first) != set(other)


@given(
    st.lists(st.integers(-1, 3), min_size=20, max_size=100),
    st.integers(0, 3),
)
def test_each_part_has_its_share_of_each_class(labels, seed):
    source = [{"breed": label} for label in labels]
    parts = split(source, SHARES, seed=seed, stratify="breed")
    labels = np.array(labels)
    for name, part in parts.items():
        for value in np.unique(labels):
            number = (labels[part.indices] == value).sum()
            expected = SHARES[name] * (labels == value).sum()
            # Two edges, each off by the phases of the other classes.
            assert abs(number - expected) <= 3


def test_columns_are_read_without_reading_samples():
    class Source:
        def __len__(self):
            return 20

        def __getitem__(self, index):
            raise AssertionError

        def column(self, name):
            return np.arange(20) % 2

    halves = split(Source(), {"a": 0.5, "b": 0.5}, stratify="x")
    assert (halves["a"].indices % 2).sum() == 5


@pytest.mark.parametrize(
    "shares", [{"a": 0.5}, {"a": 0.5, "b": 0.6}, {"a": 1.5, "b": -0.5}]
)
def test_shares_add_up_to_one(shares):
    with pytest.raises(ValueError, match="add up to 1"):
        split(list(range(10)), shares)


def test_an_empty_part_is_refused():
    with pytest.raises(ValueError, match="'test'"):
        split(list(range(3)), {"train": 0.9, "test": 0.1})


def test_subset_is_a_view():
    subset = Subset("abcd", [2, 0])
    assert len(subset) == 2
    assert list(subset) == ["c", "a"]


def test_missing_labels_are_a_group_of_their_own():
    source = [{"label": i % 2} for i in range(8)] + [{}, {"label": None}] * 4
    parts = split(source, {"a": 0.5, "b": 0.5}, stratify="label")
    missing = [s for s in parts["a"] if s.get("label") is None]
    assert len(missing) == 4
    with pytest.raises(ValueError, match="No sample has the field 'labl'"):
        split(source, {"a": 0.5, "b": 0.5}, stratify="labl")


def test_a_field_of_many_objects_cannot_be_stratified_by():
    source = [{"classes": np.arange(i % 3)} for i in range(10)]
    with pytest.raises(ValueError, match="'classes' has several"):
        split(source, SHARES, stratify="classes")
