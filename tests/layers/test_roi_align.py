import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import RoIAlign

RNG = np.random.default_rng(0)
BOXES = np.array(
    [[[4, 4, 40, 24], [0, 0, 63, 47]], [[-9, 3, 20, 70], [5, 5, 5, 5]]],
    "float32",
)


def test_layer():
    features = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
    pooled = check_layer(
        RoIAlign,
        {
            "output_size": (2, 3),
            "spatial_scale": 0.25,
            "sampling_ratio": 1,
            "aligned": False,
        },
        (features, BOXES),
        without_gradient=(1,),
    )
    assert pooled.shape == (2, 2, 2, 3, 3)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="RoIAlign expects output_size"):
        RoIAlign(0)
    features = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
    with pytest.raises(ValueError, match="boxes"):
        RoIAlign(2)(features, BOXES[..., :3])
