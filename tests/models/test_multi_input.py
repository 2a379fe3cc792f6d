import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import parameter_gradients, to_numpy
from batteries.models import check_model
from batteries.recipes import without_xla
from mtvision.models import MultiInput

RNG = np.random.default_rng(0)
X = {
    "image": RNG.uniform(0, 255, (8, 8, 8, 3)).astype("float32"),
    "text": RNG.integers(2, 9, (8, 5)).astype("int32"),
    "facts": RNG.normal(size=(8, 3)).astype("float32"),
}
Y = {
    "price": X["facts"].sum(axis=1),
    "kind": (X["text"][:, 0] > 4).astype("int32"),
}
LOSSES = {"price": "mse", "kind": mtv.tasks.ClassificationLoss()}


def make(names=tuple(X), **options):
    keras.utils.set_random_seed(0)
    image = [
        keras.Input((8, 8, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(4, 3),
    ]
    encoders = {
        "image": keras.Sequential(image),
        "text": mtv.trunks.TextNet(9, embedding_size=4, filters=(4,)),
        "facts": keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4, "relu")]
        ),
    }
    heads = {
        "price": mtv.tasks.RegressionHead(name="price"),
        "kind": mtv.tasks.ClassificationHead(2, name="kind"),
    }
    encoders = {name: encoders[name] for name in names}
    return MultiInput(encoders, heads, **options)


def without(*names):
    """Inputs of which the first sample lacks some."""
    x = {name: np.array(values) for name, values in X.items()}
    for name in names:
        x[name][0] = -1 if name == "text" else np.nan
    return x


def test_model():
    model = make(missing_rate=0.0, hidden=(6,))
    model.compile(keras.optimizers.Adam(0.01), LOSSES, **without_xla())
    check_model(model, without("image", "text"), Y)


def test_text_alone_serves_several_outputs():
    model = make(["text"])
    assert set(model.input) == {"text"}
    model.compile(keras.optimizers.Adam(0.05), LOSSES, **without_xla())
    text = {"text": X["text"]}
    losses = model.fit(text, Y, epochs=30, verbose=0).history["kind_loss"]
    assert losses[-1] < 0.5 * losses[0]


def test_what_is_missing_has_a_learned_vector_of_its_own():
    model = make(missing_rate=0.0)
    layer = model.get_layer("text_filled")
    layer.set_weights([np.array([5.0, 6.0, 7.0, 8.0])])
    joined = keras.Model(model.input, model.get_layer("joined").output)
    found = to_numpy(joined(without("text")))
    np.testing.assert_allclose(found[0, 4:8], [5, 6, 7, 8])
    np.testing.assert_allclose(found[1:], to_numpy(joined(X))[1:], rtol=1e-5)

    def total(outputs):
        return keras.ops.sum(outputs["price"])

    for x, reaches in ((without("text"), True), (X, False)):
        found = parameter_gradients(model, x, total)
        (path,) = [path for path in found if "text_filled" in path]
        assert found[path].any() == reaches
        assert all(np.isfinite(one).all() for one in found.values())


@pytest.mark.parametrize("name", X)
def test_a_model_of_whole_samples_says_so(name):
    model = make()
    model.compile("sgd", LOSSES)
    x = without(name)
    message = f"Input '{name}': sample 0 .*MaskMissing"
    for call in (
        lambda: model.fit(x, Y, verbose=0),
        lambda: model.evaluate(x, Y, verbose=0),
        lambda: model.predict(x, verbose=0),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_some_inputs_may_stay_indispensable():
    model = make(missing_rate={"image": 0.3})
    assert model.optional_inputs == {"image"}
    assert model.get_layer("image_known").rate == 0.3
    assert np.isfinite(
        model.predict(without("image"), verbose=0)["price"]
    ).all()
    with pytest.raises(ValueError, match="'text': sample 0"):
        model.predict(without("text"), verbose=0)


def test_batches_bring_what_is_missing():
    source = [
        {name: X[name][i] for name in X} | {"price": np.float32(i)}
        for i in range(8)
    ]
    for row, name in enumerate(X):
        del source[row][name]
    batches = mtv.data.Batches(
        source,
        {"price": "price", "kind": "price"},
        inputs={name: name for name in X},
        optional_inputs=tuple(X),
        batch_size=4,
    )
    model = make(missing_rate=0.0)
    model.compile("sgd", {"price": "mse", "kind": None}, **without_xla())
    history = model.fit(batches, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(model.predict(batches, verbose=0)["price"]).all()
    whole = make()
    with pytest.raises(ValueError, match="Batch 0: Input .*MaskMissing"):
        whole.predict(batches, verbose=0)


def test_a_model_learns_to_do_without():
    """Each of two inputs has the whole answer, so one is enough."""
    keras.utils.set_random_seed(0)
    values = np.linspace(-1, 1, 64, dtype="float32")[:, None]
    x = {"one": values, "other": values}

    def encoder():
        return keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])

    model = MultiInput(
        {name: encoder() for name in x},
        {"value": mtv.tasks.RegressionHead()},
        missing_rate=0.3,
        hidden=(16,),
    )
    optimizer = keras.optimizers.Adam(0.03)
    model.compile(optimizer, {"value": "mse"}, **without_xla())
    model.fit(x, {"value": values}, 64, epochs=60, verbose=0)
    alone = {"one": values, "other": np.full_like(values, np.nan)}
    found = model.predict(alone, verbose=0)["value"]
    assert np.sqrt(np.mean((found - values) ** 2)) < 0.25 * values.std()


def test_pyramids_are_pooled():
    trunk = mtv.trunks.SmallResNet((4, 4, 4, 6), image_shape=(64, 64, 3))
    head = mtv.tasks.RegressionHead()
    model = MultiInput({"image": trunk}, {"price": head})
    coarsest = keras.Model(trunk.input, trunk.output["P5"])
    x = RNG.uniform(0, 255, (1, 64, 64, 3)).astype("float32")
    pooled = to_numpy(coarsest(x)).mean(axis=(1, 2))
    pool = keras.Model(model.input, model.get_layer("image_pool").output)
    np.testing.assert_allclose(to_numpy(pool({"image": x})), pooled, atol=1e-5)


SEQUENCE = keras.Sequential([keras.Input((3, 2)), keras.layers.Dense(2)])
HEADS = {"price": mtv.tasks.RegressionHead}


@pytest.mark.parametrize(
    ("encoders", "heads", "options", "message"),
    [
        ({}, HEADS, {}, "dict from inputs"),
        ({"a": keras.layers.Dense(2)}, HEADS, {}, r"encoders\['a'\]"),
        ({"a": keras.Sequential()}, HEADS, {}, "keras.Input as its first"),
        ({"a": SEQUENCE}, {}, {}, "pooling"),
        (None, HEADS, {}, "received the class"),
        (None, [], {}, "heads as a dict"),
        (None, {}, {"missing_rate": 1.0}, "missing_rate of 'text'"),
        (None, {}, {"missing_rate": {"txt": 0.1}}, "no inputs"),
        (None, {}, {"hidden": (0,)}, "hidden"),
    ],
)
def test_wrong_options_are_errors(encoders, heads, options, message):
    if encoders is None:
        encoders = {"text": mtv.trunks.TextNet(9)}
    with pytest.raises(ValueError, match=message):
        MultiInput(encoders, heads, **options)
