import numpy as np
import pytest

from mtvision.ops import option_checks

NO_NUMBERS = [-1.0, np.nan, np.inf, "1", None, [1.0]]
CHECKS = {
    "above_zero": ("a number above 0", [0], [1e-9, 1, np.float32(2)]),
    "not_negative": ("a number of 0 or more", [], [0, 0.5, np.int64(3)]),
    "share": ("a number from 0 to below 1", [1, 1.5], [0, 0.999]),
}
REFUSED = [
    (name, expected, value)
    for name, (expected, refused, _) in CHECKS.items()
    for value in NO_NUMBERS + refused
]
TAKEN = [
    (name, value) for name, (*_, taken) in CHECKS.items() for value in taken
]


@pytest.mark.parametrize(("name", "expected", "value"), REFUSED)
def test_no_such_number(name, expected, value):
    check = getattr(option_checks, f"require_{name}")
    with pytest.raises(ValueError, match=f"Expected mu as {expected}"):
        check(value, "mu")


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_such_a_number(name, value):
    getattr(option_checks, f"require_{name}")(value, "mu")


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "2", None])
def test_no_count(value):
    with pytest.raises(ValueError, match="a whole number of 1 or more"):
        option_checks.require_count(value, 1, "steps")


@pytest.mark.parametrize("value", [1, np.int64(7)])
def test_a_count(value):
    option_checks.require_count(value, 1, "steps")


@pytest.mark.parametrize("value", [-0.1, 1.1, *NO_NUMBERS])
def test_no_number_within_a_range(value):
    with pytest.raises(ValueError, match="Expected mu as a number from 0 to 1"):
        option_checks.require_within(value, 0, 1, "mu")


@pytest.mark.parametrize("value", [0, 1, np.float32(0.5), None])
def test_a_number_within_a_range_or_none(value):
    option_checks.require_within(value, 0, 1, "mu", or_none=True)


@pytest.mark.parametrize("wrong", ["no", 1, 0, None])
def test_flags(wrong):
    option_checks.require_flag(False, "normalization")
    with pytest.raises(ValueError, match="normalization as True or False"):
        option_checks.require_flag(wrong, "normalization")


@pytest.mark.parametrize("wrong", [0.1, "ab", {}, None, np.array(1.0), [1]])
def test_no_list_of_two(wrong):
    with pytest.raises(ValueError, match="Expected mu as a list of 2 numbers"):
        option_checks.require_list(wrong, 2, "mu")


@pytest.mark.parametrize("value", [[1, 2], (1, 2, 3), np.ones(2)])
def test_a_list_of_two(value):
    option_checks.require_list(value, 2, "mu")
