import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import MultilevelRoIAlign

RNG = np.random.default_rng(0)
BOXES = np.array(
    [[[4, 4, 40, 24], [0, 0, 63, 47]], [[-9, 3, 20, 70], [5, 5, 5, 5]]],
    "float32",
)


def test_layer():
    features = {
        name: RNG.normal(size=(2, *size, 3)).astype("float32")
        for name, size in {"P3": (8, 8), "P4": (4, 4)}.items()
    }
    pooled = check_layer(
        MultilevelRoIAlign,
        {
            "output_size": (2, 3),
            "sampling_ratio": 3,
            "canonical_size": 32,
            "canonical_level": 3,
            "aligned": True,
            "levels": ("P3", "P4"),
        },
        (features, BOXES),
        without_gradient=(2,),
    )
    assert pooled.shape == (2, 2, 2, 3, 3)


def test_levels_are_chosen():
    features = {
        name: RNG.normal(size=(2, size, size, 3)).astype("float32")
        for name, size in {"P3": 8, "P4": 4, "P5": 2}.items()
    }
    options = {"canonical_size": 8, "canonical_level": 4}
    chosen = MultilevelRoIAlign(2, levels=["P4"], **options)(features, BOXES)
    alone = MultilevelRoIAlign(2, **options)({"P4": features["P4"]}, BOXES)
    assert (to_numpy(chosen) == to_numpy(alone)).all()
    with pytest.raises(ValueError, match="without .'P2'"):
        MultilevelRoIAlign(2, levels=["P2"])(features, BOXES)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(
        ValueError, match="MultilevelRoIAlign expects output_size"
    ):
        MultilevelRoIAlign(0)
    features = {
        name: RNG.normal(size=(2, *size, 3)).astype("float32")
        for name, size in {"P3": (8, 8), "P4": (4, 4)}.items()
    }
    with pytest.raises(ValueError, match="boxes"):
        MultilevelRoIAlign(2)(features, BOXES[..., :3])
