import numpy as np
import pytest

from mtvision.tasks.localization.checks import check_vectors

NAN = np.nan
GOOD = [1.0, 2.0, 3.0, 8.0, 9.0, 1.0]
PREDICTED = np.zeros((2, 5 + 3))


@pytest.mark.parametrize(
    "row",
    [
        [0.0, NAN, NAN, NAN, NAN, NAN],
        [0.0, 9.0, 9.0, 1.0, 1.0, 77.0],  # not read: there is no object
        [NAN, 2.0, 3.0, 8.0, 9.0, 1.0],
        [1.0, NAN, NAN, NAN, NAN, 1.0],
        [1.0, 2.0, 3.0, 8.0, 9.0, -1.0],
    ],
)
def test_missing_parts_pass(row):
    check_vectors(np.array([GOOD, row]), PREDICTED)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.5, 2.0, 3.0, 8.0, 9.0, 1.0], "sample 1 has p = 0.5"),
        ([7.0, 2.0, 3.0, 8.0, 9.0, 1.0], "sample 1 has p = 7"),
        ([1.0, 2.0, 3.0, 8.0, 9.0, 3.0], "sample 1 has the class 3"),
        ([1.0, 2.0, 3.0, 8.0, 9.0, 0.5], "sample 1 has the class 0.5"),
    ],
)
def test_the_sample_is_named(row, message):
    with pytest.raises(ValueError, match=message):
        check_vectors(np.array([GOOD, row]), PREDICTED)


def test_several_objects():
    rows = np.tile(np.array(GOOD[:5]), (2, 3, 1))
    check_vectors(rows, np.zeros((2, 3, 5)))
    with pytest.raises(ValueError, match=r"\(2, 3, 5\) do not fit.*4, 5"):
        check_vectors(rows, np.zeros((2, 4, 5)))
    rows[1, 2, 0] = 4.0
    with pytest.raises(ValueError, match="sample 1 has p = 4"):
        check_vectors(rows, np.zeros((2, 3, 5)))


def test_one_hot_classes():
    row = np.array([[1.0, 2.0, 3.0, 8.0, 9.0, 0.0, 1.0, 0.0]])
    check_vectors(row, PREDICTED)
    with pytest.raises(ValueError, match="label 2, expected numbers from 0"):
        check_vectors(np.where(np.arange(8) == 6, 2.0, row), PREDICTED)
