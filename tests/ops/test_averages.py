import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from mtvision.ops.averages import (
    masked_mean_per_sample,
    mean_per_sample,
    spread_weight,
)

VALUES = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")


def test_mean_per_sample():
    np.testing.assert_allclose(
        to_numpy(mean_per_sample(VALUES)), VALUES.mean((1, 2)), rtol=1e-5
    )
    assert (to_numpy(mean_per_sample(VALUES[:, 0, 0])) == VALUES[:, 0, 0]).all()


def test_masked_mean_equals_numpy():
    mask = VALUES > 0
    mask[1] = False
    expected = [VALUES[0][mask[0]].mean(), 0, VALUES[2][mask[2]].mean()]
    found = to_numpy(masked_mean_per_sample(VALUES, mask))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    slope = gradient(lambda x: masked_mean_per_sample(x, mask), VALUES)
    assert ((slope != 0) == mask).all()


def test_masked_mean_of_single_values():
    found = masked_mean_per_sample(VALUES[:, 0, 0], np.array([1, 0, 1]) > 0)
    assert to_numpy(found)[1] == 0
    assert to_numpy(found)[0] == VALUES[0, 0, 0]


def test_spread_weight():
    spread = to_numpy(spread_weight(np.array([1.0, 0.0, 2.0]), VALUES))
    assert spread.shape == VALUES.shape
    assert spread.sum() == 3 * 20
    with pytest.raises(ValueError, match="no more axes"):
        spread_weight(VALUES, VALUES[:, 0, 0])
    column = spread_weight([[1.0], [0.0], [2.0]], VALUES[:, 0, 0])
    assert to_numpy(column).tolist() == [1, 0, 2]
    with pytest.raises(ValueError, match="received 1 for 3 samples"):
        spread_weight([1.0], VALUES)
