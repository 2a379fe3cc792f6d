import keras
import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import BedOfNails2D

RNG = np.random.default_rng(0)


def test_layer():
    x = RNG.normal(size=(2, 5, 6, 3)).astype("float32")
    enlarged = check_layer(BedOfNails2D, {"factor": (3, 2)}, x)
    np.testing.assert_array_equal(enlarged[:, ::3, ::2], x)
    assert enlarged.shape == (2, 15, 12, 3)


def test_unknown_sizes_stay_unknown():
    x = keras.Input((None, 4, 3))
    assert BedOfNails2D(3)(x).shape == (None, None, 12, 3)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="factor"):
        BedOfNails2D(0)
    with pytest.raises(ValueError, match=r"\(B, H, W, C\)"):
        BedOfNails2D(2)(keras.Input((4, 3)))
