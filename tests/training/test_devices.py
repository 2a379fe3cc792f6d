"""Several devices train as one; what cannot be right is refused."""

import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from mtvision import MultiTaskModel, data

HERE = pathlib.Path(__file__).parent
only_jax = pytest.mark.skipif(
    keras.config.backend() != "jax", reason="distributions of JAX"
)


def small_model():
    keras.utils.set_random_seed(0)
    x = keras.Input((3,))
    model = MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
    model.compile("sgd", {"a": "mse"})
    return model


def run(*command):
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        timeout=300,
        check=False,
    )


# All methods: python tests/training/device_runs.py WAY
@only_jax
@pytest.mark.parametrize(
    "arguments",
    [
        ("devices", "None", "PCGrad()"),
        ("processes", "None"),
        ("models", "PCGrad(at='parameters')"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_two_equal_one(arguments):
    done = run("tests/training/device_runs.py", *arguments)
    assert "the same" in done.stdout, done.stdout + done.stderr[-3000:]


ODD = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
import keras
import numpy as np
from test_devices import small_model

distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
x, y = np.ones((11, 3)), {"a": np.ones((11, 1))}
with distribution.scope():
    model = small_model()
    for call in (
        lambda: model.fit(x, y, batch_size=4),
        lambda: model.fit(x[:8], {"a": y["a"][:8]}, validation_data=(x, y)),
        lambda: model.evaluate(x, y),
        lambda: model.predict(x, batch_size=8),
        lambda: model.train_on_batch(x, y),
    ):
        try:
            call()
        except ValueError as error:
            print(error)
    assert float(model.optimizer.iterations) == 0
    model.fit(x[:10], {"a": y["a"][:10]}, batch_size=4, verbose=0)
    parts = {"validation_split": 0.5, "batch_size": 4, "verbose": 0}
    truth = {"a": np.ones((12, 1))}
    model.fit(np.ones((12, 3)), truth, validation_batch_size=2, **parts)
    try:
        model.fit(np.ones((12, 3)), truth, validation_batch_size=5, **parts)
    except ValueError as error:
        print(error)
"""


@only_jax
def test_batches_that_devices_cannot_share_are_refused_before_the_first_step():
    done = run("-c", f"import sys; sys.path.insert(0, {str(HERE)!r})\n{ODD}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("a multiple of 2 samples") == 6, done.stdout
    assert "received one of 11" in done.stdout


@pytest.mark.skipif(
    keras.config.backend() != "torch", reason="process groups of PyTorch"
)
def test_a_group_of_processes_is_refused(monkeypatch):
    import torch

    model = small_model()
    x, y = np.ones((2, 3)), {"a": np.ones((2, 1))}
    group = torch.distributed
    store = group.HashStore()
    group.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model.fit(x, y, verbose=0)  # a group of one is right
        monkeypatch.setattr(group, "get_world_size", lambda: 2)
        with pytest.raises(RuntimeError, match="group of 2 processes"):
            model.fit(x, y, verbose=0)
    finally:
        group.destroy_process_group()
    model.fit(x, y, verbose=0)


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="strategies of TensorFlow"
)
def test_strategies_of_many_machines_are_refused():
    import tensorflow as tf

    with tf.distribute.MultiWorkerMirroredStrategy().scope():
        model = small_model()
    with pytest.raises(RuntimeError, match="fails under Keras 3"):
        model.fit(np.ones((2, 3)), {"a": np.ones((2, 1))}, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 0


def test_batches_without_shards_are_refused(monkeypatch):
    class Two:
        num_processes, auto_shard_dataset = 2, False

    monkeypatch.setattr(keras.distribution, "distribution", Two)
    source = [{"image": np.zeros((2, 2, 3)), "a": [0.0]}] * 4
    batches = data.Batches(source, {"a": "a"}, batch_size=2)
    with pytest.raises(ValueError, match="in 2 shards"):
        small_model().fit(batches, verbose=0)
