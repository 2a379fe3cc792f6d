import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import VolumeNet


def test_cells_may_be_longer_one_way():
    trunk = VolumeNet((3, 4, 5), strides=(2, (1, 2, 2), (2, 3, 1)))
    assert trunk(np.zeros((1, 8, 24, 8, 1))).shape == (1, 2, 2, 2, 5)
    several = VolumeNet((3,), strides=(4,), volume_shape=(8, 8, 8, 2))
    assert several(np.zeros((1, 8, 8, 8, 2))).shape == (1, 2, 2, 2, 3)


def test_moved_by_a_cell_the_map_is_moved():
    """Whatever is left over at the far end."""
    trunk = VolumeNet((3, 4), depth=1)
    rng = np.random.default_rng(0)
    volume = rng.normal(size=(1, 32, 8, 35, 1)).astype("float32")
    whole = to_numpy(trunk(volume))
    moved = to_numpy(trunk(volume[:, 4:, :, 8:]))
    # Two cells at the near end see the border.
    np.testing.assert_allclose(
        moved[:, 2:, :, 2:], whole[:, 3:, :, 4:], atol=1e-5
    )


def test_wrong_options_are_errors():
    for options, message in (
        ({"filters": (4,)}, "as many filters as strides"),
        ({"filters": (4, 0)}, "filters"),
        ({"depth": -1}, "depth"),
        ({"volume_shape": (8, 8, 1)}, "volume_shape"),
        ({"weights": "no.weights.h5"}, "no.weights.h5"),
    ):
        with pytest.raises(ValueError, match=message):
            VolumeNet(**options)
