import keras
import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.tasks.segmentation import SegmentationHead


def pyramid(height=8, width=8, batch=2):
    rng = np.random.default_rng(0)
    return {
        f"P{level}": rng.normal(
            size=(batch, -(-height // step), -(-width // step), 3 + level)
        ).astype("float32")
        for level, step in ((2, 1), (3, 2), (4, 4))
    }


def test_layer():
    arguments = {"num_classes": 3, "filters": 8, "depth": 2}
    outputs = check_layer(SegmentationHead, arguments, pyramid())
    assert outputs.shape == (2, 32, 32, 3)
    assert outputs.dtype == np.float32


@pytest.mark.parametrize("size", [(32, 32), (31, 30), (29, 25)])
def test_takes_the_size_of_the_image(size):
    image = np.zeros((2, *size, 3), "float32")
    outputs = SegmentationHead(3, filters=8)(pyramid(), image)
    assert tuple(outputs.shape) == (2, *size, 3)


def test_size_known_only_at_run_time():
    inputs = {
        k: keras.Input((None, None, x.shape[-1])) for k, x in pyramid().items()
    }
    image = keras.Input((None, None, 3))
    head = SegmentationHead(3, filters=4)
    model = keras.Model([image, inputs], head(inputs, image))
    for height, width in ((8, 8), (7, 5)):
        shape = (2, 4 * height - 1, 4 * width - 2, 3)
        x = [np.zeros(shape, "float32"), pyramid(height, width)]
        assert model.predict(x, verbose=0).shape == shape


def test_saving_with_an_image(tmp_path):
    inputs = {
        k: keras.Input((None, None, x.shape[-1])) for k, x in pyramid().items()
    }
    image = keras.Input((None, None, 3))
    head = SegmentationHead(3, filters=4)
    model = keras.Model([image, inputs], head(inputs, image))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    x = [np.zeros((2, 31, 30, 3), "float32"), pyramid()]
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-5
    )


def test_every_level_reaches_the_logits():
    head = SegmentationHead(2, filters=4)
    features = pyramid()
    before = np.array(keras.ops.convert_to_numpy(head(features)))
    for level in features:
        changed = {**features, level: features[level] + 1}
        after = keras.ops.convert_to_numpy(head(changed))
        assert np.abs(after - before).max() > 1e-3


def test_learns_a_map_exactly():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, (4, 8, 8))
    x = np.eye(3, dtype="float32")[truth]
    inputs = {"P1": keras.Input((8, 8, 3)), "P2": keras.Input((4, 4, 3))}
    image = keras.Input((8, 8, 1))
    head = SegmentationHead(3, filters=16)
    model = keras.Model([image, inputs], head(inputs, image))
    model.compile(
        "adam",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.optimizer.learning_rate = 0.05
    features = {"P1": x, "P2": x[:, ::2, ::2]}
    data = [np.zeros((4, 8, 8, 1), "float32"), features]
    model.fit(data, truth, epochs=20, verbose=0)
    found = model.predict(data, verbose=0).argmax(-1)
    assert (found == truth).mean() > 0.8


def test_errors():
    with pytest.raises(ValueError, match="expects a dict of maps"):
        SegmentationHead(2)(pyramid()["P2"])
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels-last"):
            SegmentationHead(2)
    finally:
        keras.config.set_image_data_format("channels_last")
