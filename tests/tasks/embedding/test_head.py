import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks import EmbeddingHead

RNG = np.random.default_rng(0)
PYRAMID = {
    "P4": RNG.normal(size=(2, 4, 3, 6)).astype("float32"),
    "P5": RNG.normal(size=(2, 2, 2, 8)).astype("float32"),
}


@pytest.mark.parametrize("pooling", ["max", "flatten"])
def test_layer(pooling):
    arguments = {
        "size": 5,
        "level": "P4",
        "pooling": pooling,
        "dropout": 0.25,
        "normalize": False,
    }
    outputs = check_layer(EmbeddingHead, arguments, PYRAMID)
    assert outputs.shape == (2, 5)
    assert outputs.dtype == np.float32


def test_vectors_are_brought_to_length_1():
    x = RNG.normal(size=(3, 6)).astype("float32")
    head = EmbeddingHead(4, normalize=True)
    found = to_numpy(head(x))
    kernel, bias = head.get_weights()
    expected = x @ kernel + bias
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_pooling():
    x = PYRAMID["P5"]
    pooled = {
        "average": x.mean(axis=(1, 2)),
        "max": x.max(axis=(1, 2)),
        "flatten": x.reshape(2, -1),
    }
    for pooling, expected in pooled.items():
        head = EmbeddingHead(3, pooling=pooling, normalize=False)
        found = to_numpy(head(PYRAMID))
        kernel, bias = head.get_weights()
        np.testing.assert_allclose(
            found, expected @ kernel + bias, rtol=1e-4, atol=1e-5
        )


def test_what_cannot_be_is_an_error():
    for options in (
        {"size": 0},
        {"pooling": "mean"},
        {"dropout": 1.0},
        {"normalize": 1},
    ):
        with pytest.raises(ValueError, match="received"):
            EmbeddingHead(**options)
    with pytest.raises(ValueError, match="'P7' is not among"):
        EmbeddingHead(2, level="P7")(PYRAMID)
    head = EmbeddingHead(2, pooling="flatten", name="faces")
    with pytest.raises(ValueError, match="'faces'.*known size"):
        head(keras.Input((None, None, 8)))
