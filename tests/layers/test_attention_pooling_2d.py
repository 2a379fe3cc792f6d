import keras
import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import AttentionPooling2D


def test_layer():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    assert check_layer(AttentionPooling2D, {}, x).shape == (2, 5)


def test_equal_scores_give_the_average_and_a_high_one_its_cell():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    x[..., 0] = 0
    x[0, 1, 2, 0] = x[1, 0, 3, 0] = 1
    layer = AttentionPooling2D()
    layer.build(x.shape)
    for strength, expected in (
        (0.0, x.mean(axis=(1, 2))),
        (1000.0, np.stack([x[0, 1, 2], x[1, 0, 3]])),
    ):
        layer.score.set_weights(
            [np.array([[strength], [0], [0], [0], [0]]), np.zeros(1)]
        )
        pooled = keras.ops.convert_to_numpy(layer(x))
        np.testing.assert_allclose(pooled, expected, rtol=1e-4, atol=1e-5)


def test_only_maps_are_pooled():
    with pytest.raises(ValueError, match="rank 4"):
        AttentionPooling2D()(np.ones((2, 3)))
