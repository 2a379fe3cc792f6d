"""Two replicas take the steps of one: sums come before inner products."""

import pathlib
import subprocess
import sys

import keras
import pytest

# Logical devices must be made before anything else, so in a new process.
CODE = """
import sys
import numpy as np
import tensorflow as tf

device = tf.config.list_physical_devices("CPU")[0]
twice = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(device, twice)

import keras
from mtvision import MultiTaskModel, balancing

rng = np.random.default_rng(0)
x = rng.normal(size=(8, 6)).astype("float32")
y = {"a": rng.normal(size=(8, 2)), "b": 9 * rng.normal(size=(8, 1))}


def weights_after_training(strategy):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        image = keras.Input((6,))
        trunk = keras.layers.Dense(5, "tanh")(image)
        heads = {name: keras.layers.Dense(v.shape[1]) for name, v in y.items()}
        outputs = {name: head(trunk) for name, head in heads.items()}
        model = MultiTaskModel(image, outputs)
        method = eval(sys.argv[1], vars(balancing))
        losses = dict.fromkeys(y, "mse")
        model.compile(keras.optimizers.SGD(0.05), losses, balancing=method)
    logs = model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return [w.numpy() for w in model.weights], logs.history["loss"]


one, loss = weights_after_training(tf.distribute.get_strategy())
pair = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
two, loss_of_two = weights_after_training(pair)
for a, b in zip(one, two):
    np.testing.assert_allclose(a, b, atol=1e-5)
np.testing.assert_allclose(loss, loss_of_two, rtol=1e-4)
print("the same")
"""


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="strategies of TensorFlow"
)
@pytest.mark.parametrize(
    "method",
    ["MGDA()", "MGDA(at='parameters')", "GradNorm()", "UncertaintyWeighting()"],
)
def test_two_replicas_equal_one(method):
    run = subprocess.run(
        [sys.executable, "-c", CODE, method],
        capture_output=True,
        text=True,
        cwd=pathlib.Path(__file__).parents[2],
        check=False,
    )
    assert "the same" in run.stdout, run.stderr[-3000:]


EMPTY = """
import numpy as np
import tensorflow as tf

device = tf.config.list_physical_devices("CPU")[0]
twice = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(device, twice)
import keras
from test_devices import small_model


with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = small_model()
for rows in (5, 6):  # of batches of 4: the second device would get none
    x, y = np.ones((rows, 3)), {"a": np.ones((rows, 1))}
    try:
        model.fit(x, y, batch_size=4, verbose=0)
    except ValueError as error:
        print(error)
assert int(model.optimizer.iterations.numpy()) == 0
model.fit(np.ones((7, 3)), {"a": np.ones((7, 1))}, batch_size=4, verbose=0)
assert int(model.optimizer.iterations.numpy()) == 2
"""


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="strategies of TensorFlow"
)
def test_no_replica_goes_without_samples():
    here = pathlib.Path(__file__).parent
    code = f"import sys; sys.path.insert(0, {str(here)!r})\n{EMPTY}"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=here.parents[1],
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.count("for each of 2 devices") == 2, run.stdout
