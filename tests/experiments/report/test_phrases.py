import math

import pytest

from mtvision.experiments.report.phrases import (
    counted,
    listed,
    number_text,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (1e-7, "1e-07"),
        (1e6, "1,000,000"),
        (-0.5, "-0.5"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers(value, text):
    assert number_text(value) == text


def test_lists():
    assert [listed("abc"), listed("ab"), listed("a"), listed("")] == [
        "a, b and c",
        "a and b",
        "a",
        "",
    ]
    assert counted(2, "trial") == "2 trials"


def test_objects_and_flags():
    value = {"balancing": {"class": "CAGrad", "c": 0.4}, "augment": True}
    assert value_text(value) == "balancing CAGrad, c 0.4, augment yes"
    assert value_text({"class": "MGDA"}) == "MGDA"
    assert value_text(None) == "none"


def test_huge_numbers_stay_short():
    assert number_text(2.1e30) == "2.1e+30"
