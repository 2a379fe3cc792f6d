"""Two replicas leave out what one would."""

import pathlib
import subprocess
import sys

import keras
import pytest

# Logical devices must be made before anything else, so in a new process.
CODE = """
import sys
import warnings
import numpy as np
import tensorflow as tf

device = tf.config.list_physical_devices("CPU")[0]
twice = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(device, twice)

import keras
from mtvision import MultiTaskModel, balancing

rng = np.random.default_rng(0)
x = rng.normal(size=(32, 6)).astype("float32")
y = {k: rng.normal(size=(32, 1)).astype("float32") for k in "ab"}
y["b"][9] = 3e38  # the second of four steps, on one of the replicas
y["a"][16:24] = y["b"][16:24] = np.nan


def train(strategy):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        image = keras.Input((6,))
        trunk = keras.layers.Dense(5, "tanh")(image)
        outputs = {name: keras.layers.Dense(1)(trunk) for name in y}
        model = MultiTaskModel(image, outputs)
        model.compile(
            keras.optimizers.Adam(0.05),
            dict.fromkeys(y, "mse"),
            metrics={"b": "mae"},
            balancing=eval(sys.argv[1], vars(balancing)),
            on_non_finite=sys.argv[2],
            jit_compile=False,
        )
    warnings.simplefilter("ignore")
    logs = model.fit(x, y, batch_size=8, shuffle=False, verbose=0).history
    variables = [*model.variables, *model.optimizer.variables]
    return [v.numpy() for v in variables], logs, model.left_out_steps


one, logs, left_out = train(tf.distribute.get_strategy())
pair = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
two, logs_of_two, left_out_by_two = train(pair)
for a, b in zip(one, two):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
for name in logs:
    np.testing.assert_allclose(logs[name], logs_of_two[name], rtol=1e-4)
assert left_out == left_out_by_two, (left_out, left_out_by_two)
assert [row["first_step"] for row in left_out] == [2, 3]
print("the same")
"""


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="strategies of TensorFlow"
)
@pytest.mark.parametrize("method", ["None", "PCGrad(seed=1)"])
@pytest.mark.parametrize("choice", ["mask", "skip"])
def test_two_replicas_equal_one(method, choice):
    run = subprocess.run(
        [sys.executable, "-c", CODE, method, choice],
        capture_output=True,
        text=True,
        cwd=pathlib.Path(__file__).parents[3],
        check=False,
    )
    assert "the same" in run.stdout, run.stderr[-3000:]
