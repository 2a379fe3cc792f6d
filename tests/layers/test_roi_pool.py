import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import RoIPool

RNG = np.random.default_rng(0)
BOXES = np.array(
    [[[4, 4, 40, 24], [0, 0, 63, 47]], [[-9, 3, 20, 70], [5, 5, 5, 5]]],
    "float32",
)


def test_layer():
    features = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
    pooled = check_layer(
        RoIPool,
        {"output_size": (2, 3), "spatial_scale": 0.25},
        (features, BOXES),
        without_gradient=(1,),
    )
    assert pooled.shape == (2, 2, 2, 3, 3)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="RoIPool expects output_size"):
        RoIPool(0)
    features = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
    with pytest.raises(ValueError, match="boxes"):
        RoIPool(2)(features, BOXES[..., :3])


def test_boxes_of_a_batch_of_unknown_size():
    """As `fit` gives it on TensorFlow, with the boxes as an input."""
    features = RNG.normal(size=(2, 12, 16, 3)).astype("float32")
    inputs = keras.Input((12, 16, 3)), keras.Input((None, 4))
    model = keras.Model(inputs, RoIPool(2, spatial_scale=0.25)(*inputs))
    model.compile(jit_compile=keras.backend.backend() == "jax")
    np.testing.assert_allclose(
        model.predict((features, BOXES), verbose=0),
        to_numpy(RoIPool(2, spatial_scale=0.25)(features, BOXES)),
        atol=1e-5,
    )
    empty = model.predict((features, BOXES[:, :0]), verbose=0)
    assert empty.shape == (2, 0, 2, 2, 3)
