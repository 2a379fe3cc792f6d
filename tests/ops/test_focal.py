from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.focal import binary_focal, categorical_focal

# torchvision 0.28, sigmoid_focal_loss in float64; row 0 has logits of +-60,
# 0 and +-100.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "focal.npz")
LOGITS = VECTORS["logits"].astype("float32")
LABELS = VECTORS["labels"].astype("float32")
CASES = {
    "a0.25_g2.0": (0.25, 2.0),
    "a-1.0_g2.0": (None, 2.0),
    "a0.25_g0.0": (0.25, 0.0),
    "a0.75_g1.5": (0.75, 1.5),
}
GAMMAS = [0.0, 0.3, 1.0, 1.5, 2.0, 5.0]

any_logits = arrays(
    "float32",
    (5, 4),
    elements=st.floats(-120, 120, width=32) | st.sampled_from([60.0, -100.0]),
)


def softmax_reference(labels, logits, gamma):
    """The definition, in float64 where nothing overflows."""
    logits = logits.astype("float64")
    others = np.where(np.eye(logits.shape[-1])[labels] > 0, -np.inf, logits)
    own = np.take_along_axis(logits, labels[..., None], -1)[..., 0]
    margin = np.logaddexp.reduce(others, -1) - own
    return np.exp(gamma * -np.logaddexp(0, -margin)) * np.logaddexp(0, margin)


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_of_torchvision(case):
    alpha, gamma = CASES[case]

    def loss(x):
        return binary_focal(LABELS, x, alpha=alpha, gamma=gamma)

    for function in (loss, compiled(loss)):
        values = to_numpy(function(keras.ops.convert_to_tensor(LOGITS)))
        np.testing.assert_allclose(
            values, VECTORS[f"{case}/y"], rtol=1e-5, atol=1e-30
        )
    np.testing.assert_allclose(
        gradient(loss, LOGITS), VECTORS[f"{case}/gx"], rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("gamma", GAMMAS)
@cases(30)
@given(logits=any_logits)
def test_right_answers_cost_nothing_and_nothing_is_nan(gamma, logits):
    labels = (logits > 0).astype("float32")
    options = {"alpha": None, "gamma": gamma}
    right = to_numpy(binary_focal(labels, logits, **options))
    wrong = to_numpy(binary_focal(1 - labels, logits, **options))
    assert (right <= np.log(2) + 1e-6).all()
    assert (wrong >= right).all()
    np.testing.assert_allclose(
        wrong[np.abs(logits) > 30], np.abs(logits)[np.abs(logits) > 30]
    )
    for target in (labels, 1 - labels):
        slope = gradient(
            lambda x, t=target: binary_focal(t, x, **options), logits
        )
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("gamma", [0.0, 1.5, 2.0])
def test_labels_in_between_are_as_in_torchvision(gamma):
    labels = np.linspace(0, 1, 30).reshape(6, 5).astype("float32")
    x, t = LOGITS.astype("float64"), labels.astype("float64")
    p = 1 / (1 + np.exp(-x))
    wrong = p * (1 - t) + (1 - p) * t
    cross_entropy = t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x)
    expected = (0.75 * t + 0.25 * (1 - t)) * wrong**gamma * cross_entropy
    found = binary_focal(labels, LOGITS, alpha=0.75, gamma=gamma)
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-5)


@pytest.mark.parametrize("gamma", GAMMAS)
@cases(30)
@given(logits=any_logits)
def test_categorical_is_the_definition(gamma, logits):
    labels = np.array([0, 1, 2, 3, 0])
    found = to_numpy(categorical_focal(labels, logits, gamma=gamma))
    expected = softmax_reference(labels, logits, gamma)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-30)
    slope = gradient(
        lambda x: categorical_focal(labels, x, gamma=gamma), logits
    )
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(slope.sum(-1), 0, atol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 2.0])
def test_two_classes_are_a_yes_or_no(gamma):
    labels = LABELS.astype("int32")
    two = np.stack([np.zeros_like(LOGITS), LOGITS], -1)
    expected = to_numpy(binary_focal(LABELS, LOGITS, alpha=None, gamma=gamma))
    for logits in (two, LOGITS[..., None]):
        found = categorical_focal(labels, logits, gamma=gamma)
        np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-5)


def test_categorical_slope_of_sure_and_wrong_answers():
    logits = np.array([[60, 0, 0], [0, 100, -100], [0, 0, 100]], "float32")
    slope = gradient(lambda x: categorical_focal([1, 2, 2], x), logits)
    expected = [[1, -1, 0], [0, 1, -1], [0, 0, 0]]
    np.testing.assert_allclose(slope, expected, atol=1e-6)


def test_float32_whatever_comes_in():
    half = keras.ops.cast(LOGITS, "bfloat16")
    assert to_numpy(binary_focal(LABELS, half)).dtype == np.float32
    labels = LABELS[:, 0].astype("uint8")
    assert to_numpy(categorical_focal(labels, half)).dtype == np.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [({"alpha": 2.0}, "alpha=2.0"), ({"gamma": -1.0}, "gamma=-1.0")],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        binary_focal(LABELS, LOGITS, **options)
