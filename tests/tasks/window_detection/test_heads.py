import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.window_detection import (
    ScaledImages,
    WindowBoxHead,
    WindowHead,
)

GEOMETRY = {
    "window": 16,
    "stride": 8,
    "kernel_size": 2,
    "scales": (0.75, 0.5),
    "hidden": 5,
    # Drops nothing outside of training.
    "dropout": 0.25,
}


def features():
    rng = np.random.default_rng(0)
    return [
        rng.normal(size=(2, h, w, 3)).astype("float32")
        for h, w in ((3, 4), (2, 2))
    ]


IMAGE = np.zeros((2, 32, 40, 3), "float32")


@pytest.mark.parametrize(
    ("cls", "arguments", "columns"),
    [(WindowHead, {"num_classes": 3}, 4), (WindowBoxHead, {}, 4)],
)
def test_properties(cls, arguments, columns):
    rows = check_layer(
        cls,
        {**arguments, **GEOMETRY},
        (features(), IMAGE),
    )
    assert rows.shape == (2, 2 * 3 + 1, columns + 4)
    # The image is 24 x 30 at the first scale, 16 x 20 at the second.
    third = 32 / 24
    across = 40 / 30
    np.testing.assert_allclose(
        rows[0, 1, -4:],
        [8 * across, 0, 24 * across, 16 * third],
        rtol=1e-5,
    )
    np.testing.assert_allclose(rows[1, 6, -4:], [0, 0, 32, 32], rtol=1e-5)


def test_scaled_images():
    rng = np.random.default_rng(0)
    image = rng.uniform(size=(1, 33, 48, 3)).astype("float32")
    arguments = {"scales": (1.0, 0.5, 0.1, 1.5), "window": 12}
    images = check_layer(ScaledImages, arguments, image)
    sizes = [x.shape[1:3] for x in images]
    assert sizes == [(33, 48), (17, 24), (12, 12), (50, 72)]
    np.testing.assert_array_equal(images[0], image)


def test_scaled_images_of_unknown_size():
    image = keras.Input((None, None, 3))
    scaled = ScaledImages((0.5, 0.25), window=4)
    model = keras.Model(image, scaled(image))
    assert model.output[0].shape == (None, None, None, 3)
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(1, 20, 30, 3)).astype("float32")
    np.testing.assert_allclose(
        model.predict(x, verbose=0)[0], to_numpy(scaled(x))[0], atol=1e-5
    )


def test_wrong_options_are_errors():
    with pytest.raises(ValueError, match="scales as numbers above 0"):
        ScaledImages((0.5, 0.0))
    with pytest.raises(ValueError, match="a map for each of the 2 scales"):
        WindowHead(3, **GEOMETRY)(features()[:1], IMAGE)
    with pytest.raises(ValueError, match="stride"):
        WindowHead(3, **{**GEOMETRY, "stride": 0})
