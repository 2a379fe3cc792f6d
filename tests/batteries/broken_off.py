"""Trainings that are broken off and go on, for tests of `Resume`."""

import keras
import numpy as np

import mtvision as mtv
from batteries.backend import to_numpy

NUM_SAMPLES, BATCH, EPOCHS = 22, 4, 3
STEPS = -(-NUM_SAMPLES // BATCH)


class Broken(Exception):
    """What breaks a training off."""


class BreakAt(keras.callbacks.Callback):
    """Raises when so many steps have been taken."""

    def __init__(self, steps):
        super().__init__()
        self.left = steps

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Broken


class Samples(keras.utils.PyDataset):
    """Random samples, a pure function of epoch and step."""

    def __init__(self, **options):
        super().__init__(**options)
        self.epoch = 0

    def __len__(self):
        return STEPS

    def __getitem__(self, index):
        return self.batch(self.epoch, index)

    def batch(self, epoch, step):
        x, y = make_arrays([epoch, step])
        return x[:BATCH], {task: truth[:BATCH] for task, truth in y.items()}


def make_arrays(seed=0):
    """Inputs, and the truths of two tasks, some of them missing."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(NUM_SAMPLES, 5)).astype("float32")
    depth = x[:, :1] * 2 + 1
    depth[::5] = np.nan
    scene = (x.sum(-1) > 0).astype("int32")
    scene[1::4] = -1
    return x, {"depth": depth, "scene": scene}


def make_model(balancing=None, optimizer=None, **options):
    """A model with all that has state: dropout, noise, BatchNorm, metrics.

    Args:
        balancing: Function to a method, called once seeds are set, or `None`.
        optimizer: For `compile`.
        **options: For `compile`.

    Returns:
        The compiled model.
    """
    keras.utils.set_random_seed(1)
    x = keras.Input((5,))
    shared = keras.layers.GaussianNoise(0.1)(x)
    shared = keras.layers.Dense(6, "tanh", name="trunk")(shared)
    shared = keras.layers.BatchNormalization()(shared)
    shared = keras.layers.Dropout(0.3)(shared)
    outputs = {
        "depth": keras.layers.Dense(1, dtype="float32")(shared),
        "scene": keras.layers.Dense(2, dtype="float32")(shared),
    }
    model = mtv.MultiTaskModel(x, outputs)
    schedule = keras.optimizers.schedules.CosineDecay(0.02, EPOCHS * STEPS)
    model.compile(
        optimizer or keras.optimizers.Adam(schedule),
        {"depth": "mse", "scene": mtv.tasks.ClassificationLoss()},
        loss_weights={"depth": 0.5, "scene": 1.0},
        metrics={
            "depth": "mae",
            "scene": keras.metrics.SparseCategoricalAccuracy("acc"),
        },
        balancing=balancing and balancing(),
        **options,
    )
    return model


def train(model, folder, data=None, *, callbacks=(), every=2, **options):
    """Trains with `Resume`; without, if `folder` is `None`."""
    data = make_arrays() if data is None else data
    data = data if isinstance(data, tuple) else (data,)
    resume = [mtv.training.Resume(folder, every=every)] if folder else []
    options = {"epochs": EPOCHS, "verbose": 0} | options
    if len(data) == 2:
        options |= {"batch_size": BATCH}
    model.fit(*data, callbacks=[*callbacks, *resume], **options)
    return state_of(model)


def state_of(model):
    """All that must be the same to the bit."""
    variables = [*model.variables, *model.optimizer.variables]
    return {
        "variables": [to_numpy(v) for v in variables],
        "history": dict(model.history.history),
        "epochs": list(model.history.epoch),
        "epochs_trained": model.epochs_trained,
    }


def assert_same(found, expected):
    """Raises unless two states are equal to the bit."""
    assert repr(found["history"]) == repr(expected["history"])
    assert found["epochs"] == expected["epochs"]
    assert found["epochs_trained"] == expected["epochs_trained"]
    for a, b in zip(found["variables"], expected["variables"], strict=True):
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes()


def check_goes_on(make, folders, steps, make_callbacks=list, **options):
    """Breaks a training off after so many steps, and compares it when done.

    Args:
        make: Function to a new model.
        folders: Two paths.
        steps: List of numbers of steps, each after the last break.
        make_callbacks: Function to new callbacks.
        **options: As for `train`.

    Returns:
        The state, of both.
    """
    expected = train(make(), folders[0], callbacks=make_callbacks(), **options)
    for number in steps:
        try:
            train(
                make(),
                folders[1],
                callbacks=[*make_callbacks(), BreakAt(number)],
                **options,
            )
        except Broken:
            continue
        raise AssertionError("it was not broken off")
    found = train(make(), folders[1], callbacks=make_callbacks(), **options)
    assert_same(found, expected)
    return expected
