import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import MaskMissing


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_layer(dtype):
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    filled, known = check_layer(MaskMissing, {"rate": 0.5, "seed": 3}, x)
    np.testing.assert_array_equal(filled, x)
    assert known.tolist() == [True, True]


def test_only_training_takes_inputs_away_whole():
    layer = MaskMissing(rate=0.5, seed=0)
    x = np.ones((200, 3), "float32")
    filled, known = map(to_numpy, layer(x, training=True))
    assert 60 < known.sum() < 140
    np.testing.assert_array_equal(filled, x * known[:, None])
    # The next draws are others.
    assert (to_numpy(layer(x, training=True)[1]) != known).any()
    assert to_numpy(layer(x)[1]).all()
    assert to_numpy(MaskMissing()(x, training=True)[1]).all()


def test_numbers_keep_their_digits():
    """A year in bfloat16 is off by several."""
    layer = MaskMissing(dtype="mixed_bfloat16")
    year = np.array([[1913.0]], "float32")
    assert to_numpy(layer(year)[0]).tolist() == [[1913.0]]


def test_the_rate_is_a_share():
    for rate in (-0.1, 1.0, None):
        with pytest.raises(ValueError, match="rate"):
            MaskMissing(rate=rate)
