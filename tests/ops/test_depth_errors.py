import math

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from mtvision.ops.depth_errors import (
    berhu,
    depth_error_sums,
    depth_maps,
    depth_scores,
    is_measured,
    log_depth,
)


@pytest.mark.parametrize(
    ("error", "threshold", "expected"),
    [(0.3, 0.5, 0.3), (-0.5, 0.5, 0.5), (2.0, 0.5, 4.25), (-3.0, 0.0, 3.0)],
)
def test_berhu_by_hand(error, threshold, expected):
    assert float(berhu(error, threshold)) == pytest.approx(expected)


def test_berhu_is_smooth_at_the_threshold():
    errors = np.array([0.999, 1.001], "float32")
    np.testing.assert_allclose(
        gradient(lambda e: berhu(e, 1.0), errors), 1, rtol=2e-3
    )
    zero = gradient(lambda e: berhu(e, 0.0), np.array([-3.0, 0.0, 2.0]))
    assert zero[[0, 2]].tolist() == [-1, 1]
    assert np.isfinite(zero).all()


def test_what_is_measured():
    depth = [1e-3, 80.0, 0.0, -1.0, math.nan, math.inf]
    assert to_numpy(is_measured(depth)).tolist() == [True] * 2 + [False] * 4
    assert to_numpy(is_measured(np.array([0, 3]))).tolist() == [False, True]


def test_logarithms_of_no_depth_are_finite():
    depth = np.array([-1.0, 0.0, math.e], "float32")
    found = to_numpy(log_depth(depth))
    np.testing.assert_allclose(found, [math.log(1e-6)] * 2 + [1], rtol=1e-5)
    assert gradient(log_depth, depth)[:2].tolist() == [0, 0]


def test_scores_equal_a_loop():
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.5, 9, (2, 4, 5)).astype("float32")
    truth[0, 0] = np.nan
    truth[1, 1, :2] = 0
    guess = (truth * rng.uniform(0.4, 2.2, truth.shape)).astype("float32")
    guess[np.isnan(guess)] = 1
    weight = rng.uniform(0, 2, truth.shape).astype("float32")
    total, sums = 0.0, dict.fromkeys("abcd", 0.0) | {1: 0.0, 2: 0.0, 3: 0.0}
    for t, g, w in zip(truth.ravel(), guess.ravel(), weight.ravel()):
        if not t > 0:
            continue
        total += w
        sums["a"] += w * abs(g - t)
        sums["b"] += w * abs(g - t) / t
        sums["c"] += w * (g - t) ** 2
        sums["d"] += w * (math.log(g) - math.log(t)) ** 2
        for power in (1, 2, 3):
            sums[power] += w * (max(g / t, t / g) < 1.25**power)
    expected = {
        "absolute": sums["a"] / total,
        "relative": sums["b"] / total,
        "rmse": math.sqrt(sums["c"] / total),
        "rmse_log": math.sqrt(sums["d"] / total),
        **{f"delta{power}": sums[power] / total for power in (1, 2, 3)},
    }
    found = depth_scores(depth_error_sums(truth, guess, sample_weight=weight))
    assert {k: float(v) for k, v in found.items()} == pytest.approx(
        expected, rel=1e-5
    )


def test_maps_that_do_not_fit():
    with pytest.raises(ValueError, match="metric expects.*same shape"):
        depth_maps(np.ones((1, 2, 3)), np.ones((1, 2, 4, 1)), "metric")
    with pytest.raises(ValueError, match="same shape"):
        depth_maps(np.ones((1, 2, 3)), np.ones((1, 2, 3, 2)), "metric")
