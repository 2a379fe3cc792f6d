import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.models import whitened_embedder
from mtvision.ops.whitening import within_class_whitening

RNG = np.random.default_rng(0)
FACES = RNG.uniform(0, 255, (12, 8, 6, 3)).astype("float32")
PEOPLE = np.repeat(np.arange(4), 3)


def coarse():
    image = keras.Input((8, 6, 3))
    pooled = keras.layers.AveragePooling2D(2)(image)
    return keras.Model(image, keras.layers.Flatten()(pooled), name="coarse")


def test_it_is_the_whitening_of_what_the_embedder_gives(tmp_path):
    embedder = coarse()
    found = to_numpy(embedder(FACES))
    model = whitened_embedder(embedder, found, PEOPLE, ridge=0.3)
    mean, matrix = within_class_whitening(found, PEOPLE, ridge=0.3)
    expected = (found - mean) @ matrix
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(to_numpy(model(FACES)), expected, atol=1e-4)
    model.save(tmp_path / "white.keras")
    loaded = keras.saving.load_model(tmp_path / "white.keras")
    np.testing.assert_allclose(to_numpy(loaded(FACES)), expected, atol=1e-4)


def test_embeddings_of_another_model_are_an_error():
    with pytest.raises(ValueError, match=r"\(36,\).*'coarse'.*\(5,\)"):
        whitened_embedder(coarse(), RNG.normal(size=(12, 5)), PEOPLE)
