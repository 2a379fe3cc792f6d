import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import SmallResNet

IMAGE = np.ones((1, 33, 47, 3), "float32")


def sizes(shapes):
    return {level: tuple(shape[1:]) for level, shape in shapes.items()}


def test_levels():
    trunk = SmallResNet((2, 2, 2, 3), blocks=2)
    assert sizes(trunk.compute_output_shape((None, 128, 96, 3))) == {
        "P2": (32, 24, 2),
        "P3": (16, 12, 2),
        "P4": (8, 6, 2),
        "P5": (4, 3, 3),
    }


def test_odd_sizes_round_up_and_files_are_read(tmp_path):
    first = SmallResNet((2, 2, 2, 2))
    outputs = to_numpy(first(IMAGE))
    assert sizes({k: x.shape for k, x in outputs.items()}) == {
        "P2": (9, 12, 2),
        "P3": (5, 6, 2),
        "P4": (3, 3, 2),
        "P5": (2, 2, 2),
    }
    path = tmp_path / "trunk.weights.h5"
    first.save_weights(path)
    second = SmallResNet((2, 2, 2, 2), weights=path, name="second")
    np.testing.assert_array_equal(to_numpy(second(IMAGE))["P5"], outputs["P5"])


def test_learns_and_survives_a_file(tmp_path):
    """Tells bright from dark images after a few steps."""
    random = np.random.default_rng(0)
    bright = random.integers(0, 2, 32)
    images = random.uniform(0, 128, (32, 32, 32, 3)) + 127 * bright.reshape(
        -1, 1, 1, 1
    )
    trunk = SmallResNet((4, 4, 4, 4))
    image = keras.Input((32, 32, 3))
    x = keras.layers.GlobalAveragePooling2D()(trunk(image)["P5"])
    model = keras.Model(image, keras.layers.Dense(1)(x))
    model.compile(
        keras.optimizers.Adam(1e-2),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    model.fit(images, bright, batch_size=32, epochs=20, verbose=0)
    assert model.evaluate(images, bright, verbose=0) < 0.5
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(
        loaded.predict(images, verbose=0),
        model.predict(images, verbose=0),
        atol=1e-5,
    )


def test_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        trunk = SmallResNet((2, 2, 2, 2))
    finally:
        keras.config.set_dtype_policy(before)
    for x in trunk.output.values():
        assert x.dtype == "bfloat16"
    assert all(w.dtype == "float32" for w in trunk.trainable_variables)


def test_a_last_batch_of_three_trains():
    # TensorFlow's strided 1x1 convolution aborts on the CPU for such sizes.
    trunk = SmallResNet((8, 16, 32, 64), image_shape=(64, 64, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(trunk.output["P5"])
    model = keras.Model(trunk.input, keras.layers.Dense(1)(pooled))
    model.compile("sgd", "mse")
    history = model.fit(
        np.ones((11, 64, 64, 3)), np.ones((11, 1)), batch_size=8, verbose=0
    )
    assert np.isfinite(history.history["loss"]).all()


def test_bad_arguments():
    with pytest.raises(ValueError, match="four filters"):
        SmallResNet((2, 2))
    with pytest.raises(ValueError, match="blocks as a whole number of 1"):
        SmallResNet(blocks=0)
    with pytest.raises(ValueError, match=r"\(H, W, 3\), received 64"):
        SmallResNet(image_shape=64)
    with pytest.raises(ValueError, match="expects RGB"):
        SmallResNet(image_shape=(64, 64, 1))
    with pytest.raises(ValueError, match="Move the channels last"):
        SmallResNet(image_shape=(3, 64, 64))
    with pytest.raises(ValueError, match="Leave the batch out"):
        SmallResNet(image_shape=(8, 64, 64, 3))
    with pytest.raises(ValueError, match="'imagenet', which is not a file"):
        SmallResNet(weights="imagenet")
