import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.metrics import relative_change

ALONE = {
    "mask": {"iou": 0.5, "accuracy": 0.8},
    "depth": {"absolute": 0.4, "relative": 0.2},
    "normals": {"mean": 20.0},
}
ERRORS = ("absolute", "relative", "mean")


def test_by_hand():
    both = {
        "normals": {"mean": 25.0},  # 25 % worse
        "mask": {"iou": 0.6, "accuracy": 0.8},  # 20 % and 0 % better
        "depth": {"absolute": 0.3, "relative": 0.21},  # 25 % better, 5 % worse
    }
    found = relative_change(both, ALONE, lower_is_better=ERRORS)
    assert found == pytest.approx((-25 + 10 + 10) / 3)


def test_the_example_of_libmtl():
    """`count_improvement` of LibMTL on the numbers of its docstring."""
    alone = {"A": {"up": 96, "down": 98}, "B": {"up": 0.2}}
    both = {"A": {"up": 93, "down": 99}, "B": {"up": 0.5}}
    expected = ((-3 / 96 - 1 / 98) / 2 + 0.3 / 0.2) / 2
    found = relative_change(both, alone, lower_is_better=["down"])
    assert found == pytest.approx(100 * expected)


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_scaling_all_by_one_factor(factor, unit):
    alone = {"a": {"score": unit}, "b": {"score": 2 * unit, "error": -unit}}
    both = {
        "a": {"score": factor * unit},
        # An error of -1 that becomes -2 is better.
        "b": {"score": 2 * factor * unit, "error": -factor * unit},
    }
    found = relative_change(both, alone, lower_is_better=["error"])
    assert found == pytest.approx(100 * (factor - 1), abs=1e-6)
    assert relative_change(alone, alone) == 0


def test_a_name_that_is_an_error_in_one_task_only():
    alone = {"angles": {"mean": 20.0}, "scores": {"mean": 0.5}}
    both = {"angles": {"mean": 15.0}, "scores": {"mean": 0.6}}
    errors = [("angles", "mean")]
    found = relative_change(both, alone, lower_is_better=errors)
    assert found == pytest.approx((25 + 20) / 2)


def changed(**tasks):
    return {**ALONE, **tasks}


@pytest.mark.parametrize(
    ("results", "options", "message"),
    [
        ({"mask": ALONE["mask"]}, {}, r"same tasks.*\['mask'\] in results"),
        (changed(edges={"f": 1}), {}, "same tasks"),
        (changed(normals={"median": 1}), {}, "metrics of the task 'normals'"),
        (
            changed(normals={"mean": math.nan}),
            {},
            "finite.*'mean' of.*'normals'",
        ),
        (changed(normals=3.0), {}, "dict from task to a dict"),
        (ALONE, {"lower_is_better": ["iuo"]}, r"\['iuo'\].*'mask': \['iou'"),
        (ALONE, {"lower_is_better": [("mask", "mean")]}, "'normals': .'mean'"),
        (ALONE, {"lower_is_better": "iou"}, "list"),
    ],
)
def test_errors(results, options, message):
    with pytest.raises(ValueError, match=message):
        relative_change(results, ALONE, **options)


def test_a_baseline_of_nothing():
    zero = changed(normals={"mean": 0.0})
    with pytest.raises(ValueError, match="'mean' of the task 'normals' is 0"):
        relative_change(ALONE, zero)
    with pytest.raises(ValueError, match="at least one"):
        relative_change({}, {})
