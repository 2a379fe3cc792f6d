import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from mtvision.experiments.report.far_off import move_far_off

FINITE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_that_diverged_is_moved_beside_the_rest(sign):
    direction = "minimize" if sign == 1 else "maximize"
    values = [sign * value for value in (0.25, 0.5, 0.5, 0.75, 1e30)]
    # From the best, 0.25, four times as far as the quartile, 0.75.
    moved, number = move_far_off(values, direction)
    np.testing.assert_allclose(np.multiply(moved, sign)[-1], 2.25)
    assert moved[:4] == values[:4]
    assert number == 1


def test_the_best_is_never_moved():
    values = [1e30, 1.0, 1.0, 2.0, 1.5]
    assert move_far_off(values, "maximize")[0][0] == 1e30


def test_equal_ones_leave_all_as_they_are():
    assert move_far_off([1.0] * 9 + [2.0], "minimize")[1] == 0


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(FINITE, min_size=1))
def test_the_order_is_kept(values):
    moved, _ = move_far_off(values, "minimize")
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(moved)[order]) >= 0).all()
