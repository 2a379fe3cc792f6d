import keras
import numpy as np
import pytest

from batteries.backend import parameter_gradients, to_numpy
from mtvision import MultiTaskModel, balancing

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 6)).astype("float32")
Y = {"a": X[:, :1] * 2, "b": -X[:, :1] * 20, "c": X[:, 1:2]}


def make_model():
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    trunk = keras.layers.Dense(4, "tanh")(x)
    trunk = keras.layers.BatchNormalization()(trunk)
    model = MultiTaskModel(x, {t: keras.layers.Dense(1)(trunk) for t in Y})
    model.compile("sgd", dict.fromkeys(Y, "mse"))
    return model


def test_norms_and_cosines_are_those_of_the_gradients():
    model = make_model()
    before = [to_numpy(v.value).copy() for v in model.variables]
    rows = balancing.diagnose(model, (X, Y))
    for variable, value in zip(model.variables, before):
        np.testing.assert_array_equal(to_numpy(variable.value), value)
    gradients = {}
    for task in Y:

        def loss(outputs, task=task):
            truth = keras.ops.convert_to_tensor(Y[task])
            return keras.ops.mean(keras.ops.square(outputs[task] - truth))

        found = parameter_gradients(make_model(), X, loss)
        gradients[task] = np.concatenate(
            [g.ravel() for g in found.values()][:4]
        )
    for row in rows:
        own = gradients[row["task"]]
        norm = np.linalg.norm(own)
        np.testing.assert_allclose(row["gradient_norm"], norm, rtol=1e-4)
        for task, cosine in row["cosines"].items():
            other = gradients[task]
            expected = own @ other / norm / np.linalg.norm(other)
            np.testing.assert_allclose(cosine, expected, atol=1e-4)
    assert max(rows, key=lambda row: row["share"])["task"] == "b"
    np.testing.assert_allclose(sum(row["share"] for row in rows), 1.0)


def test_a_model_that_is_balanced_stays_so():
    model = make_model()
    method = balancing.PCGrad()
    model.compile("sgd", dict.fromkeys(Y, "mse"), balancing=method)
    balancing.diagnose(model, (X, Y), at="features")
    assert model.balancer is method
    assert "a_weight" in model.fit(X, Y, verbose=0).history


def test_bad_batches_are_refused():
    with pytest.raises(ValueError, match="'c'"):
        balancing.diagnose(make_model(), (X, {"a": Y["a"], "b": Y["b"]}))
