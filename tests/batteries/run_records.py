"""Records of real trainings that take seconds, for reports."""

import functools

import keras
import numpy as np

import mtvision as mtv
from mtvision.experiments.runs.training_run import measure, train_once

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
DATA = X, {"a": 2 * X[:, :1] - 1, "b": X[:, 1:2] - X[:, 2:3]}
EVIL = "<script>document.title = 'run'</script> & \"$x_$\""


def build(rate=0.1, balancing=None):
    x = keras.Input((4,))
    trunk = keras.layers.Dense(3)(x)
    heads = {task: keras.layers.Dense(1)(trunk) for task in DATA[1]}
    model = mtv.MultiTaskModel(x, heads)
    model.compile(
        keras.optimizers.SGD(rate),
        loss=dict.fromkeys(heads, "mse"),
        metrics=dict.fromkeys(heads, "mae"),
        balancing=balancing,
    )
    return model


@functools.cache
def record(name="PCGrad", seed=0):
    """What a training of two epochs with PCGrad leaves."""
    balancing = mtv.balancing.PCGrad(order="sequential")
    model, found = train_once(
        build,
        DATA,
        DATA,
        values={"rate": 0.05, "balancing": balancing},
        seed=seed,
        epochs=2,
        name=name,
    )
    return found | {"test": measure(model, DATA)}
