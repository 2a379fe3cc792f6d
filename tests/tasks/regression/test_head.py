import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import parameter_gradients, to_numpy
from batteries.layers import check_layer
from mtvision.tasks import RegressionHead

ARGUMENTS = {
    "num_values": 2,
    "level": "P3",
    "hidden": 5,
    "dropout": 0.1,
    "offset": [1.0, -2.0],
    "scale": 3.0,
}


@pytest.mark.parametrize("shape", [(2, 7), (2, 3, 4, 7)])
def test_layer(shape):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    assert check_layer(RegressionHead, ARGUMENTS, x).shape == (2, 2)


def test_it_pools_a_level_and_moves_and_scales():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2)).astype("float32")
    head = RegressionHead(2, level="P4", offset=[10, 20], scale=[2, 3])
    head.build({"P4": x.shape, "P5": (2, 1, 1, 2)})
    head.set_weights([np.eye(2), np.zeros(2)])
    found = to_numpy(head({"P4": x, "P5": x[:, :1, :1]}))
    expected = x.mean(axis=(1, 2)) * [2, 3] + [10, 20]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="'P4' is not among"):
        head({"P5": x})


@pytest.mark.parametrize(
    "options",
    [
        {"num_values": 0},
        {"hidden": -1},
        {"offset": [1.0, 2.0, 3.0]},
        {"offset": "mean"},
        {"scale": np.nan},
        {"scale": [1.0, 0.0]},
    ],
)
def test_wrong_options_are_errors(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        RegressionHead(**{"num_values": 2, **options})


def test_a_sample_without_all_of_its_numbers_costs_nothing():
    """Losses and gradients are those of the other samples."""
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    inputs = keras.Input((4,))
    model = mtv.MultiTaskModel(inputs, {"size": RegressionHead(2)(inputs)})
    model.compile("sgd", {"size": "mse"}, metrics={"size": ["mae"]})
    truth = np.array([[1, np.nan], [np.nan, np.nan], [2, 3]], "float32")
    found = model.evaluate(x, {"size": truth}, verbose=0, return_dict=True)
    errors = to_numpy(model(x)["size"]) - truth
    expected = np.square(errors[2]).mean()
    np.testing.assert_allclose(found["size_loss"], expected, rtol=1e-4)

    def loss(outputs):
        return model.compute_loss(y={"size": truth}, y_pred=outputs)

    gradients = parameter_gradients(model, x, loss)
    by_hand = np.outer(x[2], errors[2])
    kernel = next(g for g in gradients.values() if g.ndim == 2)
    np.testing.assert_allclose(kernel, by_hand, rtol=1e-3, atol=1e-5)
