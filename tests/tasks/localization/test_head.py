import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.localization import LocalizationHead, LocalizationLoss
from mtvision.tasks.localization.columns import split

ARGUMENTS = {"num_classes": 3, "num_objects": 2, "level": "P4", "hidden": 5}


def pyramid(height=4, width=4, batch=2):
    rng = np.random.default_rng(0)
    return {
        f"P{level}": rng.normal(
            size=(batch, -(-height // step), -(-width // step), 3 + level)
        ).astype("float32")
        for level, step in ((3, 1), (4, 2))
    }


def test_layer():
    outputs = check_layer(LocalizationHead, ARGUMENTS, pyramid())
    assert outputs.shape == (2, 2, 8)
    assert outputs.dtype == np.float32


def test_one_object():
    assert tuple(LocalizationHead()(pyramid()).shape) == (2, 5)
    assert tuple(LocalizationHead(7)(pyramid()).shape) == (2, 12)


def test_boxes_are_valid_whatever_the_features():
    head = LocalizationHead(num_objects=9)
    features = {k: 50 * x for k, x in pyramid(batch=64).items()}
    _, box, _ = split(to_numpy(head(features)))
    assert np.isfinite(box).all()
    assert (box[..., 2:] >= box[..., :2]).all()


def test_box_moves_with_the_features():
    features = np.zeros((2, 12, 12, 3), "float32")
    features[0, 3:6, 3:6] = 30
    features[1, 5:8, 4:7] = 30  # the same, 2 cells down and 1 to the right
    head = LocalizationHead(level="P3", hidden=8)
    head.build(features.shape)
    votes = head.votes.get_weights()
    votes[0][..., 0] = np.abs(votes[0][..., 0])  # attend to what is there
    head.votes.set_weights(votes)
    _, box, _ = split(to_numpy(head({"P3": features})))
    np.testing.assert_allclose(box[1] - box[0], [8, 16, 8, 16], atol=0.5)


def test_size_known_only_at_run_time():
    inputs = {
        k: keras.Input((None, None, x.shape[-1])) for k, x in pyramid().items()
    }
    model = keras.Model(inputs, LocalizationHead(2)(inputs))
    assert model.output_shape == (None, 7)
    for height, width in ((4, 4), (3, 7)):
        assert model.predict(pyramid(height, width), verbose=0).shape == (2, 7)


def test_learns_where_a_square_is():
    rng = np.random.default_rng(0)
    corner = rng.integers(0, 8, (48, 2))
    size = rng.integers(2, 5, (48, 2))
    x = np.zeros((48, 12, 12, 1), "float32")
    for image, (i, j), (h, w) in zip(x, corner, size):
        image[i : i + h, j : j + w] = 1
    low, high = corner[:, ::-1], (corner + size)[:, ::-1]
    box = 8.0 * np.concatenate([low, high], 1)
    truth = np.concatenate([np.ones((48, 1)), box], 1).astype("float32")
    inputs = {"P3": keras.Input((None, None, 1))}
    hidden = keras.layers.Conv2D(32, 5, padding="same", activation="relu")
    head = LocalizationHead(hidden=32)
    model = keras.Model(inputs, head({"P3": hidden(inputs["P3"])}))
    model.compile(keras.optimizers.Adam(0.02), LocalizationLoss())
    model.fit({"P3": x}, truth, epochs=60, batch_size=48, verbose=0)
    loss = LocalizationLoss()(truth, model.predict({"P3": x}, verbose=0))
    assert float(loss) < 0.3  # IoU above 0.7


def test_unknown_level():
    with pytest.raises(ValueError, match=r"'P2' is not among .*'P3', 'P4'"):
        LocalizationHead(level="P2")(pyramid())
