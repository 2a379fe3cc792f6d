import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.tasks import constant_regression


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=9),
    st.integers(-60, 60),
)
def test_no_other_number_is_nearer(values, other):
    values = np.array(values, "float32")
    mean = constant_regression(values)
    median = constant_regression(values, median=True)
    squares, lengths = np.square, np.abs
    for measure, best in ((squares, mean), (lengths, median)):
        assert best.shape == (1,)
        error = measure(values - best).mean()
        assert error <= measure(values - other).mean() + 1e-3


def test_missing_labels_are_left_out():
    values = np.array([[1.0, np.nan], [3.0, 8.0], [np.nan, np.nan]])
    assert constant_regression(values).tolist() == [2, 8]
    assert constant_regression(np.array([4, -1, 6])).tolist() == [5]
    # As a float, -1 is a number.
    assert constant_regression(np.array([4.0, -1.0])).tolist() == [1.5]
    with pytest.raises(ValueError, match="at least one sample"):
        constant_regression(np.array([[1.0, np.nan]]))
