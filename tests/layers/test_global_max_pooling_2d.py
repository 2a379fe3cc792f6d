import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from mtvision.layers import GlobalMaxPooling2D

X = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")


def test_layer():
    pooled = check_layer(GlobalMaxPooling2D, {}, X)
    np.testing.assert_array_equal(pooled, X.max(axis=(1, 2)))


def test_equals_the_layer_of_keras_and_its_gradient_without_ties():
    ours, theirs = GlobalMaxPooling2D(), keras.layers.GlobalMaxPooling2D()
    np.testing.assert_array_equal(to_numpy(ours(X)), to_numpy(theirs(X)))
    slopes = [
        gradient(lambda x: keras.ops.sum(layer(x) ** 2), X)  # noqa: B023
        for layer in (ours, theirs)
    ]
    np.testing.assert_allclose(*slopes, rtol=1e-6)


def test_the_gradient_of_equal_values_goes_to_the_first():
    layer = GlobalMaxPooling2D()
    slope = gradient(lambda x: keras.ops.sum(layer(x)), np.ones((1, 2, 2, 1)))
    assert slope[0, ..., 0].tolist() == [[1, 0], [0, 0]]


def test_a_compiled_step_learns_as_one_that_is_not():
    """XLA computes the normalised map twice, and rounds it otherwise."""
    images = np.random.default_rng(0).normal(size=(8, 16, 16, 3))
    weights = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(0)
        image = keras.Input((16, 16, 3))
        x = image
        for _ in range(2):
            x = keras.layers.Conv2D(16, 3, padding="same")(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
        model = keras.Model(image, GlobalMaxPooling2D()(x))
        optimizer = keras.optimizers.SGD(1.0)
        model.compile(optimizer, "mse", run_eagerly=eagerly)
        model.train_on_batch(images, np.zeros((8, 16)))
        weights.append(model.get_weights())
    for compiled, eager in zip(*weights):
        np.testing.assert_allclose(compiled, eager, rtol=1e-3, atol=1e-4)


def test_only_maps_are_pooled():
    with pytest.raises(ValueError, match="rank 4"):
        GlobalMaxPooling2D()(np.ones((2, 3)))
