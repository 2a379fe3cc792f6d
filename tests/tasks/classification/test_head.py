import keras
import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.tasks.classification import ClassificationHead

ARGUMENTS = {
    "num_classes": 3,
    "level": "P4",
    "pooling": "max",
    "hidden": 5,
    "dropout": 0.25,
}


def pyramid():
    rng = np.random.default_rng(0)
    return {
        "P4": rng.normal(size=(2, 4, 4, 6)).astype("float32"),
        "P5": rng.normal(size=(2, 2, 2, 8)).astype("float32"),
    }


@pytest.mark.parametrize("pooling", ["max", "flatten", "attention"])
def test_layer(pooling):
    arguments = {**ARGUMENTS, "pooling": pooling}
    outputs = check_layer(ClassificationHead, arguments, pyramid())
    assert outputs.shape == (2, 3)
    assert outputs.dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 3, 5, 6), (2, 6)])
def test_single_map_or_vector(shape):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    head = ClassificationHead(4)
    pooled = x.mean(axis=(1, 2)) if len(shape) == 4 else x
    kernel, bias = head(x) is not None and head.get_weights()
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(head(x)),
        pooled @ kernel + bias,
        rtol=1e-4,
        atol=1e-5,
    )


def test_flattened_maps_keep_places():
    x = np.arange(2 * 3 * 2 * 4, dtype="float32").reshape(2, 3, 2, 4) / 10
    head = ClassificationHead(5, pooling="flatten")
    found = keras.ops.convert_to_numpy(head(x))
    kernel, bias = head.get_weights()
    np.testing.assert_allclose(
        found, x.reshape(2, 24) @ kernel + bias, rtol=1e-4, atol=1e-5
    )


def test_maps_of_unknown_size_cannot_be_flattened():
    features = keras.Input((None, None, 8))
    head = ClassificationHead(4, pooling="flatten", name="diagnosis")
    with pytest.raises(ValueError, match="'diagnosis'.*known size"):
        head(features)


def test_unknown_image_size():
    features = keras.Input((None, None, 8))
    model = keras.Model(features, ClassificationHead(4)(features))
    for size in (2, 3):
        assert model(np.ones((1, size, size, 8))).shape == (1, 4)


def test_dropout_acts_in_training_only():
    x = np.ones((64, 6), "float32")
    head = ClassificationHead(4, dropout=0.5)
    quiet = keras.ops.convert_to_numpy(head(x))
    noisy = keras.ops.convert_to_numpy(head(x, training=True))
    assert np.ptp(quiet, axis=0).max() == 0
    assert np.ptp(noisy, axis=0).max() > 0


def test_vectors_need_no_pooling():
    x = np.ones((2, 6), "float32")
    assert ClassificationHead(4, pooling="max", hidden=3)(x).shape == (2, 4)


def test_unknown_pooling():
    with pytest.raises(ValueError, match="'mean'"):
        ClassificationHead(2, pooling="mean")


def test_unknown_level():
    with pytest.raises(ValueError, match=r"'P7' is not among .*'P4', 'P5'"):
        ClassificationHead(2, level="P7")(pyramid())
