import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtvision as mtv
from mtvision.data import Batches

TARGETS = {"who": "identity"}


def people(*counts, **fields):
    """Samples of as many people, the first with as many samples..."""
    return [
        {"image": np.zeros((2, 2, 3), "uint8"), "identity": who} | fields
        for who, count in enumerate(counts)
        for _ in range(count)
    ]


def grouped(source, **options):
    options = {"group_size": 2, "batch_size": 4, **options}
    options = {"shuffle": True, "group_by": "identity", **options}
    return Batches(source, TARGETS, **options)


@given(
    st.lists(st.integers(2, 7), min_size=1, max_size=6),
    st.integers(2, 4),
    st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_groups_share_a_value_and_every_sample_comes(counts, size, epoch):
    source = people(*counts)
    batches = grouped(source, group_size=size, batch_size=2 * size)
    rows = batches.order(epoch)
    labels = np.array([s["identity"] for s in source])
    by_group = labels[rows].reshape(-1, size)
    assert (by_group == by_group[:, :1]).all()
    found = collections.Counter(rows.tolist())
    assert set(found) == set(range(len(source)))
    for who, count in enumerate(counts):
        of_one = np.sort([found[k] for k in np.flatnonzero(labels == who)])
        # As few come again as fill the last group, and evenly.
        assert of_one.sum() == -(-count // size) * size
        assert of_one[-1] - of_one[0] <= 1
    assert len(batches) == -(-len(rows) // (2 * size))


def test_epochs_differ_and_are_functions_of_the_seed():
    source = people(5, 4, 6)
    batches = grouped(source, seed=3)
    first, second = batches.order(0), batches.order(1)
    assert (first != second).any()
    assert (grouped(source, seed=3).order(1) == second).all()
    assert (grouped(source, seed=4).order(1) != second).any()


def test_a_batch_has_different_people():
    batches = grouped(people(*[8] * 4), batch_size=8)
    for epoch in range(3):
        for step in range(len(batches)):
            truth = batches.batch(epoch, step)[1]["who"].reshape(-1, 2)
            assert (truth[:, 0] == truth[:, 1]).all()
            assert len(set(truth[:, 0].tolist())) >= 3


def test_unknown_people_make_groups_of_their_own():
    source = people(2, 2) + people(3, identity=-1)
    truth = np.concatenate(
        [targets["who"] for _, targets, _ in grouped(source)]
    )
    assert sorted(truth.tolist()) == [-1] * 4 + [0, 0, 1, 1]
    assert (truth[::2] == truth[1::2]).all()


def test_labels_are_read_of_columns():
    faces = mtv.data.DrawnFaces(
        "train", num_people=3, images_per_person=4, image_size=16
    )
    batches = grouped(faces, group_size=4)
    assert batches[0][1]["who"].tolist() == [batches[0][1]["who"][0]] * 4
    half = mtv.data.Subset(faces, [0, 1, 4, 5])
    assert len(grouped(half).order()) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_by": "identty"}, "field 'identty'"),
        ({"group_by": "image"}, "several"),
        ({"group_by": 3}, "name of a field"),
        ({"group_size": 3}, "multiple"),
        ({"group_size": 1}, "group_size as an integer from 2"),
        ({"shuffle": False}, "shuffle=True"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        grouped(people(2, 2), **options)


def test_a_single_sample_has_no_partner():
    class Named(list):
        @property
        def classes(self):
            return {"identity": ["ann", "bob"]}

    with pytest.raises(ValueError, match=r"1 \('bob'\) has a single sample"):
        grouped(Named(people(2, 1)))
    with pytest.raises(ValueError, match="not known of any"):
        grouped(people(3, identity=-1))


def test_mixtures_are_refused():
    mixed = mtv.data.mix({"a": people(2, 2), "b": people(2, 2)})
    with pytest.raises(ValueError, match="mixture"):
        grouped(mixed)
