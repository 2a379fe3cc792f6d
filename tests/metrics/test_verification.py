import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from sklearn.metrics import roc_auc_score

from mtvision.metrics import (
    all_pairs,
    choose_threshold,
    verification_accuracy,
    verification_report,
)

PAIRS = st.lists(
    st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=40
).filter(lambda pairs: len({same for _, same in pairs}) == 2)


def literal_rates(distances, same, threshold):
    accepted = distances <= threshold
    return accepted[same == 0].mean(), accepted[same == 1].mean()


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_every_point_is_counted(pairs):
    distances, same = np.array(pairs, "float64").T
    report = verification_report(distances, same, false_accepts=(0.0, 0.1, 1))
    assert report.auc == pytest.approx(roc_auc_score(same, -distances))
    assert (np.diff(report.thresholds) > 0).all()
    for point in zip(
        report.thresholds, report.false_accepts, report.true_accepts
    ):
        rates = literal_rates(distances, same, point[0])
        assert point[1:] == pytest.approx(rates)
    for share, found in report.true_accepts_at.items():
        rates = [
            literal_rates(distances, same, t) for t in (-1, *set(distances))
        ]
        assert found == max(true for false, true in rates if false <= share)
    assert (report.num_same, report.num_different) == (
        (same == 1).sum(),
        (same == 0).sum(),
    )


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_equal_error(pairs):
    """Between the rates of two thresholds in a row, and it has a mirror."""
    distances, same = np.array(pairs, "float64").T
    report = verification_report(distances, same)
    false, miss = report.false_accepts, 1 - report.true_accepts
    after = np.argmax(false >= miss)
    before = max(after - 1, 0)
    assert false[before] - 1e-9 <= report.eer <= false[after] + 1e-9
    assert miss[after] - 1e-9 <= report.eer <= miss[before] + 1e-9
    mirrored = verification_report(-distances, 1 - same)
    assert mirrored.eer == pytest.approx(report.eer)
    turned = verification_report(-distances, same)
    assert turned.eer == pytest.approx(1 - report.eer)
    assert np.isfinite(report.eer_threshold)


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_no_threshold_is_better(pairs):
    distances, same = np.array(pairs, "float64").T
    best = choose_threshold(distances, same)
    reached = verification_accuracy(distances, same, best)
    for other in (*distances, -1.0, 99.0, *(distances + 0.5)):
        assert verification_accuracy(distances, same, other) <= reached
    for share in (0.0, 0.2, 1.0):
        strict = choose_threshold(distances, same, false_accept_rate=share)
        false, true = literal_rates(distances, same, strict)
        assert false <= share
        report = verification_report(distances, same, false_accepts=(share,))
        assert true == report.true_accepts_at[share]


def test_by_hand():
    distances = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    same = [1, 1, 0, 1, 0, 0]
    report = verification_report(distances, same, false_accepts=(0.4,))
    assert report.eer == pytest.approx(1 / 3)
    assert report.eer_threshold in (0.3, 0.4)
    assert report.auc == pytest.approx(8 / 9)
    assert report.true_accepts_at == {0.4: 1.0}
    assert choose_threshold(distances, same) == pytest.approx(0.25)
    assert verification_accuracy(distances, same, 0.25) == pytest.approx(5 / 6)


def test_chance():
    rng = np.random.default_rng(0)
    same = rng.integers(0, 2, 20000)
    report = verification_report(rng.random(20000), same)
    assert report.eer == pytest.approx(0.5, abs=0.02)
    assert report.auc == pytest.approx(0.5, abs=0.02)


def test_pairs_without_a_label_do_not_count():
    distances = np.array([[0.1], [0.2], [np.nan], [0.3]])
    same = np.array([[1], [0], [-1], [np.nan]])
    report = verification_report(distances, same)
    assert (report.num_same, report.num_different) == (1, 1)
    assert verification_accuracy(distances, same, 0.15) == 1


def test_of_no_pair_there_is_no_share():
    for distances, same in (([], []), ([0.1], [-1])):
        with pytest.raises(ValueError, match="with a label, received none"):
            verification_accuracy(distances, same, 0.5)


@pytest.mark.parametrize("unknown", [-1.0, np.nan])
def test_who_is_not_known_is_in_no_pair(unknown):
    _, same = all_pairs(np.zeros((3, 1)), [unknown, 4.0, 4.0])
    assert same.tolist() == [-1, -1, 1]


def test_all_pairs_are_those_of_scipy():
    x = np.random.default_rng(0).normal(size=(6, 3))
    people = np.array([4, 4, -1, 2, 2, 2])
    distances, same = all_pairs(x, people)
    np.testing.assert_allclose(distances, pdist(x, "sqeuclidean"))
    assert (same == 1).sum() == 1 + 3
    assert (same == -1).sum() == 5
    assert all_pairs(x[:1], people[:1])[0].shape == (0,)


@pytest.mark.parametrize(
    ("distances", "same", "message"),
    [
        ([0.1, 0.2], [1, 1], "none of two identities among 2"),
        ([0.1, 0.2], [0, -1], "none of one identity among 1"),
        ([], [], "none of one identity"),
        ([0.1, np.nan], [0, 1], "1 of the distances are NaN"),
        ([0.1, 0.2], [0, 2], "Pair 1 has the label 2"),
        ([0.1, 0.2], [0, 1, 1], "2 distances and 3 labels"),
        (np.zeros((2, 2)), [0, 1], r"shapes \(2, 2\)"),
        (0.1, 1, "received the shapes"),
    ],
)
def test_what_makes_no_sense(distances, same, message):
    for function in (verification_report, choose_threshold):
        with pytest.raises(ValueError, match=message):
            function(distances, same)


@pytest.mark.parametrize("shares", [0.1, "0.1", (2,), [None]])
def test_wrong_false_accepts(shares):
    with pytest.raises(ValueError, match="Expected false_accepts as a"):
        verification_report([0.1, 0.2], [1, 0], false_accepts=shares)


def test_wrong_options():
    for share in (-0.1, 1.1, "a"):
        with pytest.raises(ValueError, match="false_accepts.*received"):
            verification_report([0, 1], [0, 1], false_accepts=(share,))
        with pytest.raises(ValueError, match="false_accept_rate.*received"):
            choose_threshold([0, 1], [0, 1], false_accept_rate=share)
    with pytest.raises(ValueError, match=r"\(2, 1\) and \(3,\)"):
        all_pairs(np.zeros((2, 1)), [1, 2, 3])
