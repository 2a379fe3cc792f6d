"""A search that takes seconds, in this process or in one of its own.

python -m batteries.small_search folder [--hang file] [--storage url]
"""

import argparse
import pathlib
import sys
import time

import keras
import numpy as np
from optuna.distributions import FloatDistribution

import mtvision as mtv
from mtvision.experiments import search

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
TRUTH = {"a": 2 * X[:, :1] - 1, "b": X[:, 1:2] - X[:, 2:3]}
TRAIN, VALID = (
    (X[part], {task: y[part] for task, y in TRUTH.items()})
    for part in (slice(0, 16), slice(16, 32))
)
SPACE = {"rate": FloatDistribution(0.001, 0.1, log=True)}
OBJECTIVES = {"a_mae": "minimize"}


def build(rate=0.1, loss_weights=None, balancing=None):
    """A model of two tasks that share a layer."""
    x = keras.Input((4,))
    trunk = keras.layers.Dense(3)(x)
    heads = {task: keras.layers.Dense(1)(trunk) for task in TRUTH}
    model = mtv.MultiTaskModel(x, heads)
    model.compile(
        keras.optimizers.SGD(rate),
        loss=dict.fromkeys(TRUTH, "mse"),
        loss_weights=loss_weights,
        metrics=dict.fromkeys(TRUTH, "mae"),
        balancing=balancing,
    )
    return model


def run(folder, build=build, train=TRAIN, valid=VALID, test=VALID, **more):
    """Searches the learning rate, unless told otherwise."""
    options = {
        "space": SPACE,
        "objectives": OBJECTIVES,
        "epochs": 1,
        "trials": 3,
        "name": "small",
        "sampler": "random",
        "folder": folder,
        "verbose": 0,
    }
    return search(build, train, valid, test, **options | more)


class Hang(keras.callbacks.Callback):
    """Writes a file, then waits to be killed, in one of the runs."""

    def __init__(self, path, run):
        super().__init__()
        self.path = pathlib.Path(path)
        self.left = run

    def on_epoch_end(self, epoch, logs=None):
        if self.left == 0:
            self.path.touch()
            time.sleep(600)
        self.left -= 1


def noted(data, path):
    """A function that makes data, and writes a line each time."""

    def make():
        with pathlib.Path(path).open("a") as file:
            file.write("made\n")
        return data

    return make


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--hang")
    parser.add_argument("--hang-in", type=int, default=0)
    parser.add_argument("--name", default="small")
    parser.add_argument("--storage")
    parser.add_argument("--trials", type=int, default=4)
    options = parser.parse_args(arguments)
    hang = [Hang(options.hang, options.hang_in)] if options.hang else ()
    print(
        run(
            options.folder,
            test=noted(VALID, pathlib.Path(options.folder) / "test.txt"),
            trials=options.trials,
            name=options.name,
            storage=options.storage,
            callbacks=hang,
            heartbeat=2,
            verbose=1,
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
