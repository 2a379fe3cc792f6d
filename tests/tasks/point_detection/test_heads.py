import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.point_detection import HeatMapHead, PointValuesHead


def pyramid():
    rng = np.random.default_rng(0)
    return {
        "P2": rng.normal(size=(2, 6, 8, 5)).astype("float32"),
        "P3": rng.normal(size=(2, 3, 4, 5)).astype("float32"),
    }


def test_heat_map_head():
    arguments = {
        "num_classes": 3,
        "points": 2,
        "level": "P3",
        "hidden": 7,
        "prior": 0.2,
    }
    maps = check_layer(HeatMapHead, arguments, pyramid())
    assert maps.shape == (2, 3, 4, 3 * 2 + 4)
    assert maps[0, 1, 2, -4:].tolist() == [16, 8, 24, 16]


def test_point_values_head():
    arguments = {"num_outputs": 2, "level": "P3", "hidden": 7}
    maps = check_layer(PointValuesHead, arguments, pyramid())
    assert maps.shape == (2, 3, 4, 2 + 4)


def test_every_cell_starts_at_the_prior():
    head = HeatMapHead(3, prior=0.05)
    logits = to_numpy(head({"P2": np.zeros((1, 4, 4, 2), "f4")}))[..., :3]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), 0.05, rtol=1e-5)


def test_wrong_options_are_errors():
    with pytest.raises(ValueError, match="prior above 0"):
        HeatMapHead(3, prior=0)
    with pytest.raises(ValueError, match="num_classes"):
        HeatMapHead(0)
    with pytest.raises(ValueError, match="'P6'"):
        PointValuesHead(2, level="P6")(pyramid())
