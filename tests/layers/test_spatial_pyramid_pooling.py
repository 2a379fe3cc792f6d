import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import SpatialPyramidPooling

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
BOXES = np.array(
    [[[4, 4, 40, 24], [0, 0, 63, 47]], [[-9, 3, 20, 70], [5, 5, 5, 5]]],
    "float32",
)


def test_layer():
    pooled = check_layer(
        SpatialPyramidPooling,
        {"levels": (4, 1, 2), "spatial_scale": 0.25},
        (FEATURES, BOXES),
        without_gradient=(1,),
    )
    assert pooled.shape == (2, 2, 1, 21, 3)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="levels"):
        SpatialPyramidPooling(0)
    with pytest.raises(ValueError, match="spatial_scale"):
        SpatialPyramidPooling(spatial_scale=0)
    with pytest.raises(ValueError, match="boxes"):
        SpatialPyramidPooling()(FEATURES, BOXES[..., :3])
