import keras
import numpy as np
import pytest
from keras import ops

from mtvision.balancing import IMTLL, UncertaintyWeighting


class TwoLines(keras.Model):
    """Two straight lines, of which each is a task; gives what is trained."""

    def __init__(self, balancer):
        super().__init__()
        balancer.build(2)
        self.balancer = balancer
        self.scales = balancer.state
        self.line = self.add_weight(
            name="line", shape=(2, 2), initializer="zeros"
        )
        self.built = True

    def errors(self, points):
        x, truth = points[:, :1], points[:, 1:]
        return x * self.line[0] + self.line[1] - truth

    def call(self, points):
        losses = ops.mean(ops.square(self.errors(points)), axis=0)
        active = ops.ones((2,), "bool")
        fixed = ops.stop_gradient(losses)
        weights = self.balancer.step(fixed, active=active)
        total = ops.sum(weights * losses) + self.balancer.penalty(active)
        return total * ops.ones_like(points[:, 0])


def train(balancer, points, learning_rate=0.2, steps=1000):
    model = TwoLines(balancer)
    optimizer = keras.optimizers.Adam(learning_rate)
    together = 1 if keras.backend.backend() == "torch" else 20
    model.compile(
        optimizer,
        loss=lambda _, total: total,
        steps_per_execution=together,
    )
    data = np.tile(points, (steps, 1)).astype("float32")
    size = len(points)
    model.fit(data, data, batch_size=size, shuffle=False, verbose=0)
    errors = model.errors(ops.convert_to_tensor(points, "float32"))
    errors = ops.convert_to_numpy(errors)
    return errors.std(0), errors


def points():
    rng = np.random.RandomState(0)
    x = rng.rand(100)
    noise = rng.randn(2, 100)
    return np.stack([x, 2 * x + 8 + 10 * noise[0], 3 * x + 3 + noise[1]], 1)


def test_recovers_the_noise():
    """The experiment of the authors' own example in Keras."""
    balancer = UncertaintyWeighting()
    deviation, _ = train(balancer, points())
    scale = ops.convert_to_numpy(balancer.log_scale.value)
    np.testing.assert_allclose(np.exp(scale / 2), deviation, rtol=0.02)
    assert 8 < deviation[0] < 12
    assert 0.8 < deviation[1] < 1.2


def test_weighted_losses_of_imtll_become_one():
    balancer = IMTLL()
    _, errors = train(balancer, points())
    weights = np.exp(ops.convert_to_numpy(balancer.log_scale.value))
    np.testing.assert_allclose(weights * (errors**2).mean(0), 1, rtol=0.02)


@pytest.mark.parametrize("cls", [UncertaintyWeighting, IMTLL])
def test_scales_stay_within_their_limits(cls):
    """A loss of 0 lets a scale grow without end."""
    balancer = cls(initial=29.5 if cls is IMTLL else -29.5)
    exact = np.zeros((4, 3))
    train(balancer, exact, learning_rate=1.0, steps=20)
    scale = ops.convert_to_numpy(balancer.log_scale.value)
    np.testing.assert_allclose(np.abs(scale), 30)


def test_forms():
    forms = ["classification", "regression"]
    balancer = UncertaintyWeighting(form=forms, initial=np.log(4.0))
    weights = ops.convert_to_numpy(balancer.weights([1.0, 1.0]))
    np.testing.assert_allclose(weights, [1 / 4, 1 / 8], rtol=1e-6)
    there = ops.convert_to_tensor([True, False])
    assert float(balancer.penalty(there)) == pytest.approx(np.log(2.0))
