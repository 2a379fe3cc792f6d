import functools
import warnings

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.models import check_model
from mtvision.models import (
    DeepFace,
    FaceNet,
    Siamese,
    deep_face,
    deep_face_losses,
    face_embedder,
    face_net_losses,
    siamese_losses,
)

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 255, (6, 32, 24, 3)).astype("float32")
PEOPLE = np.array([0, 0, 1, 1, 2, -1])


def small_trunk():
    # Without BatchNorm, whose statistics lag behind in a few steps.
    return keras.Sequential(
        [
            keras.layers.Rescaling(1 / 127.5, offset=-1),
            keras.layers.Conv2D(8, 8, strides=8, activation="relu"),
        ]
    )


def black():
    """A trunk that makes zeros of zeros."""
    return keras.Sequential([keras.layers.Conv2D(4, 8, strides=8)])


def face_net(**options):
    options = {"trunk": small_trunk(), "embedding_size": 5, **options}
    return FaceNet(image_size=(32, 24), pooling="flatten", **options)


def test_deep_face_trains_with_another_task():
    trunk = mtv.trunks.DeepFaceNet(
        (2,) * 5, kernels=(5, 3, 3, 3, 1), image_shape=(32, 24, 3)
    )
    model = DeepFace(
        3,
        image_size=(32, 24),
        trunk=trunk,
        embedding_size=7,
        dropout=0.0,
        heads={"glasses": mtv.tasks.ClassificationHead(2)},
    )
    losses = deep_face_losses(
        losses={"glasses": mtv.tasks.ClassificationLoss()},
        loss_weights={"embedding": 0.5},
        margin=0.5,
    )
    assert losses["loss_weights"]["embedding"] == 0.5
    model.compile(keras.optimizers.Adam(0.01), **losses)
    truth = {"embedding": PEOPLE, "identity": PEOPLE, "glasses": PEOPLE % 2}
    check_model(model, X, truth, epochs=5)


def test_black_images_keep_the_weights_finite():
    """As of samples that could not be read; their features are zeros."""
    for model, losses in (
        (DeepFace(3, image_size=(32, 24), trunk=black()), deep_face_losses()),
        (face_net(trunk=black()), face_net_losses()),
    ):
        model.compile("sgd", **losses)
        truth = dict.fromkeys(model.output, PEOPLE)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # of skipped steps
            model.train_on_batch(np.zeros_like(X), truth)
        assert all(np.isfinite(x).all() for x in model.get_weights())


def test_the_embedding_is_what_tells_people_apart():
    model = DeepFace(4, image_size=(32, 24), trunk=small_trunk())
    found = to_numpy(model(X))
    assert found["embedding"].shape == (6, 4096)
    features = keras.Model(model.input, model.get_layer("features").output)
    features = to_numpy(features(X))
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    np.testing.assert_allclose(found["embedding"], unit, atol=1e-5)
    kernel, bias = model.get_layer("identity").get_weights()
    np.testing.assert_allclose(
        found["identity"], features @ kernel + bias, rtol=1e-3, atol=1e-3
    )


def test_the_network_of_the_paper_is_the_default(monkeypatch):
    thin = functools.partial(mtv.trunks.DeepFaceNet, (1,) * 5)
    monkeypatch.setattr(deep_face, "DeepFaceNet", thin)
    model = DeepFace(4, embedding_size=8)
    assert model.input_shape == (None, 152, 152, 3)
    assert model.get_layer("deep_face_net").output.shape[1:3] == (21, 21)
    with pytest.raises(ValueError, match="known size"):
        DeepFace(4, image_size=None)


def test_face_net_trains():
    model = face_net()
    losses = face_net_losses(margin=0.5, mining="all")
    model.compile(keras.optimizers.Adam(0.01), **losses)
    check_model(model, X, {"embedding": PEOPLE}, epochs=5)


def test_siamese_trains():
    network = face_embedder(face_net())
    model = Siamese(network)
    model.compile(keras.optimizers.Adam(0.01), **siamese_losses(margin=0.5))
    pairs = {"first_image": X[:4], "second_image": X[2:]}
    truth = {"same": np.array([1, 0, -1, 0])}
    check_model(model, pairs, truth, epochs=5)


def test_both_images_go_through_one_network():
    network = face_embedder(face_net())
    model = Siamese(network)
    assert len(model.trainable_variables) == len(network.trainable_variables)
    one, two = X[:3], X[3:]
    pairs = {"first_image": one, "second_image": two}
    swapped = {"first_image": two, "second_image": one}
    found = to_numpy(model(pairs)["same"])
    np.testing.assert_allclose(found, to_numpy(model(swapped)["same"]), 1e-4)
    gaps = to_numpy(network(one)) - to_numpy(network(two))
    expected = np.square(gaps).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
    same = {"first_image": one, "second_image": one}
    assert (to_numpy(model(same)["same"]) == 0).all()


def test_embedders_of_all_recipes(tmp_path):
    face = DeepFace(
        3, image_size=(32, 24), trunk=small_trunk(), embedding_size=5
    )
    embedders = [face_embedder(face), face_embedder(face_net())]
    siamese = Siamese(embedders[1])
    siamese.save(tmp_path / "siamese.keras")
    loaded = keras.saving.load_model(tmp_path / "siamese.keras")
    embedders += [face_embedder(siamese), face_embedder(loaded)]
    found = [to_numpy(embed(X)) for embed in embedders]
    for each in found:
        assert each.shape == (6, 5)
        np.testing.assert_allclose(np.linalg.norm(each, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found[2], found[1], atol=1e-5)
    np.testing.assert_allclose(found[3], found[1], atol=1e-5)


def test_a_layer_may_be_the_network():
    layers = keras.layers
    network = keras.Sequential([layers.Flatten(), layers.Dense(3)])
    model = Siamese(network, image_size=16)
    assert face_embedder(model)(np.ones((2, 16, 16, 3))).shape == (2, 3)


def test_what_cannot_be_is_an_error():
    with pytest.raises(ValueError, match=r"one tensor.*\['embedding'\]"):
        Siamese(face_net())
    with pytest.raises(ValueError, match=r"embeddings \(B, D\).*None, 4, 3"):
        Siamese(keras.layers.Conv2D(3, 8, strides=8), image_size=(32, 24))
    with pytest.raises(ValueError, match="as a layer or model"):
        Siamese(FaceNet)
    with pytest.raises(ValueError, match="an output 'embedding'"):
        face_embedder(mtv.models.UNet(2, trunk=_path()))
    model = face_net()
    model.compile("sgd", **face_net_losses())
    truth = {"embedding": PEOPLE - 3.5}
    with pytest.raises(ValueError, match=r"Task 'embedding': sample 0"):
        model.fit(X, truth, verbose=0)


def _path():
    return mtv.trunks.ContractingPath((2, 3))
