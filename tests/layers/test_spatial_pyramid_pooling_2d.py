import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import SpatialPyramidPooling2D

RNG = np.random.default_rng(0)


def test_layer():
    features = RNG.normal(size=(2, 7, 9, 3)).astype("float32")
    vectors = check_layer(SpatialPyramidPooling2D, {"levels": (3, 1)}, features)
    assert vectors.shape == (2, 30)
    # The last bin is the whole map.
    np.testing.assert_allclose(vectors[:, -3:], features.max(axis=(1, 2)))


def test_one_classifier_for_images_of_any_size():
    image = keras.Input((None, None, 3))
    maps = mtv.trunks.SmallResNet((4, 4, 4, 8))(image)
    x = SpatialPyramidPooling2D((1, 2))(maps["P3"])
    model = keras.Model(image, keras.layers.Dense(5)(x))
    for size in ((32, 64), (48, 40)):
        images = np.zeros((2, *size, 3), "float32")
        assert to_numpy(model(images)).shape == (2, 5)


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="levels"):
        SpatialPyramidPooling2D(())
    with pytest.raises(ValueError, match=r"\(B, H, W, C\)"):
        SpatialPyramidPooling2D()(keras.Input((5, 3)))
