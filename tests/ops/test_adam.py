import keras
import numpy as np
from keras import ops

from mtvision.ops.adam import adam_step


def test_steps_are_those_of_keras():
    gradients = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
    variable = keras.Variable(np.zeros(3, "float32"))
    optimizer = keras.optimizers.Adam(0.1, epsilon=1e-8)
    position, mean, square = (ops.zeros(3) for _ in range(3))
    for i, gradient in enumerate(gradients):
        gradient = ops.convert_to_tensor(gradient)
        optimizer.apply([gradient], [variable])
        count = ops.convert_to_tensor(i + 1.0)
        step, mean, square = adam_step(
            gradient, mean, square, count, learning_rate=0.1
        )
        position = position - step
        np.testing.assert_allclose(
            ops.convert_to_numpy(position),
            ops.convert_to_numpy(variable.value),
            rtol=1e-4,
            atol=1e-5,
        )


def test_a_zero_gradient_moves_nothing():
    step, _, _ = adam_step(ops.zeros(2), 0.0, 0.0, 1.0, learning_rate=0.1)
    assert (ops.convert_to_numpy(step) == 0).all()
