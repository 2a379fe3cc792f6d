import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.volume_landmarks import (
    LandmarkDisplacementHead,
    LandmarkPresenceHead,
)

FEATURES = np.random.default_rng(0).normal(size=(2, 2, 3, 4, 5)).astype("f4")


def test_presence_head():
    arguments = {
        "num_landmarks": 3,
        "cell_size": (2, 4, 5),
        "hidden": 7,
        "prior": 0.2,
    }
    maps = check_layer(LandmarkPresenceHead, arguments, FEATURES)
    assert maps.shape == (2, 2, 3, 4, 3 + 6)
    assert maps[1, 1, 2, 3, -6:].tolist() == [2, 8, 15, 4, 12, 20]


def test_displacement_head():
    arguments = {"num_landmarks": 3, "cell_size": (2, 4, 5), "hidden": 7}
    maps = check_layer(LandmarkDisplacementHead, arguments, FEATURES)
    assert maps.shape == (2, 2, 3, 4, 9 + 6)
    assert maps[0, 0, 1, 0, -6:].tolist() == [0, 4, 0, 2, 8, 5]


def test_every_cell_starts_at_the_prior():
    head = LandmarkPresenceHead(2, cell_size=4, prior=0.05)
    assert head.cell_size == (4, 4, 4)
    logits = to_numpy(head(np.zeros((1, 2, 2, 2, 3), "f4")))[..., :2]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), 0.05, rtol=1e-5)


def test_wrong_options_are_errors():
    for options, message in (
        ({"num_landmarks": 0}, "num_landmarks"),
        ({"hidden": 0}, "hidden"),
        ({"cell_size": 0}, "cell_size"),
        ({"cell_size": (4, 4)}, "3 of them"),
    ):
        options = {"num_landmarks": 1, "cell_size": 4, **options}
        with pytest.raises(ValueError, match=message):
            LandmarkDisplacementHead(**options)
    with pytest.raises(ValueError, match="prior above 0"):
        LandmarkPresenceHead(1, cell_size=4, prior=1.0)
    with pytest.raises(ValueError, match="rank 5"):
        LandmarkPresenceHead(1, cell_size=4)(np.zeros((2, 8, 8, 3)))
