import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mtvision.experiments.runs.statistics import (
    holm,
    mean_and_interval,
    mean_ranks,
    paired_t_test,
)

# Hours of additional sleep by two drugs, Student 1908: the data set `sleep`
# of R, whose help page has t = -4.0621, p = 0.002833, and the interval.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

numbers = st.floats(-100, 100).map(lambda x: round(x, 3))
chances = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_students_own_example():
    assert paired_t_test(FIRST, SECOND) == pytest.approx(0.002833, abs=5e-7)
    mean, half = mean_and_interval(np.subtract(FIRST, SECOND).tolist())
    assert mean == pytest.approx(-1.58)
    assert mean - half == pytest.approx(-2.4598858, abs=5e-8)
    assert mean + half == pytest.approx(-0.7001142, abs=5e-8)


@given(st.lists(numbers, min_size=2, max_size=20), st.floats(0.5, 0.99))
def test_interval_is_that_of_scipy(values, confidence):
    mean, half = mean_and_interval(values, confidence=confidence)
    error = stats.sem(values)
    if error > 1e-6:
        low, high = stats.t.interval(
            confidence, len(values) - 1, np.mean(values), error
        )
        np.testing.assert_allclose(
            [mean - half, mean + half], [low, high], rtol=1e-6, atol=1e-6
        )


def test_one_seed_has_no_interval():
    assert mean_and_interval([0.5]) == (0.5, None)


def test_ranks_share_places():
    table = [[0.9, 1.0, 5], [0.9, 2.0, 4], [0.1, 3.0, 3], [0.95, 3.0, 2]]
    directions = ["maximize", "minimize", "minimize"]
    # By hand: 2.5 1 4; 2.5 2 3; 4 3.5 2; 1 3.5 1.
    expected = [7.5 / 3, 7.5 / 3, 9.5 / 3, 5.5 / 3]
    np.testing.assert_allclose(mean_ranks(table, directions), expected)


@given(
    st.integers(1, 6).flatmap(
        lambda k: st.lists(
            st.lists(numbers, min_size=k, max_size=k), min_size=1, max_size=6
        )
    )
)
def test_ranks_have_a_fixed_sum(table):
    ranks = mean_ranks(table, ["maximize"] * len(table[0]))
    count = len(table)
    np.testing.assert_allclose(sum(ranks), count * (count + 1) / 2)


def test_no_difference_is_no_evidence():
    assert paired_t_test([1.0, 2.0], [1.0, 2.0]) == 1.0
    # The same difference twice says nothing of its scatter.
    assert math.isnan(paired_t_test([1.0, 2.0], [2.0, 3.0]))


def test_holm_of_a_known_example():
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]
    )
    assert holm([]) == []


@given(chances, st.floats(0.001, 0.999))
def test_holm_rejects_as_the_step_down_procedure(p_values, level):
    """The definition: go up the sorted values until one is too large."""
    rejected = set()
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for place, index in enumerate(order):
        if (len(p_values) - place) * p_values[index] > level:
            break
        rejected.add(index)
    found = {i for i, p in enumerate(holm(p_values)) if p <= level}
    assert found == rejected


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (mean_and_interval, ([],), "at least one"),
        (mean_and_interval, ([1.0, float("nan")],), "nan"),
        (mean_ranks, ([[1.0], [float("inf")]], ["maximize"]), "inf"),
        (paired_t_test, ([1.0], [2.0]), "two at least, received 1 and 1"),
        (paired_t_test, ([1.0, 2.0], [2.0]), "received 2 and 1"),
    ],
)
def test_bad_numbers_are_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
