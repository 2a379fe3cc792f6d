"""A training that was broken off ends as one that was not."""

import keras
import numpy as np
import pytest

from batteries.broken_off import (
    EPOCHS,
    STEPS,
    BreakAt,
    Broken,
    Samples,
    assert_same,
    check_goes_on,
    make_arrays,
    make_model,
    train,
)
from mtvision import balancing

METHODS = [
    getattr(balancing, name)
    for name in dir(balancing)
    if name[0].isupper() and not name.endswith("Balancer")
]
OPTIONS = {
    "StaticWeights": {"constants": [1.0, 2.0]},
    "UncertaintyWeighting": {"form": ["regression", "classification"]},
}


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "a", tmp_path / "b"


class Remembering(keras.callbacks.Callback):
    """Adds to the logs what it has seen in all epochs."""

    def __init__(self):
        super().__init__()
        self.seen = np.zeros(2, "float32")

    def on_epoch_end(self, epoch, logs=None):
        self.seen += np.float32(logs["loss"])
        logs["seen"] = self.seen.sum()

    def get_state(self):
        return {"seen": self.seen}

    def set_state(self, state):
        self.seen = state["seen"]


class Counting(keras.callbacks.Callback):
    """Logs how often epochs and steps have begun and ended."""

    def __init__(self):
        super().__init__()
        self.counts = [0, 0, 0]

    def on_epoch_begin(self, epoch, logs=None):
        self.counts[0] += 1

    def on_train_batch_begin(self, batch, logs=None):
        self.counts[1] += 1

    def on_train_batch_end(self, batch, logs=None):
        self.counts[2] += 1

    def on_epoch_end(self, epoch, logs=None):
        for place, count in enumerate(self.counts):
            logs[f"count {place}"] = count

    def get_state(self):
        return list(self.counts)

    def set_state(self, state):
        self.counts = list(state)


def make_callbacks():
    return [
        keras.callbacks.EarlyStopping(
            "val_loss", patience=1, restore_best_weights=True, min_delta=0.05
        ),
        keras.callbacks.ReduceLROnPlateau("val_loss", patience=1, min_lr=0.001),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        Remembering(),
        Counting(),
    ]


def make_plain_model():
    """One whose learning rate is a variable, and whose weights are averaged."""
    optimizer = keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.9)
    return make_model(balancing.PCGrad, optimizer)


@pytest.mark.parametrize(
    "steps", [[1], [5, 1], [STEPS], [STEPS + 3, 2, STEPS], [3 * STEPS - 1]]
)
def test_arrays(folders, steps):
    check_goes_on(make_model, folders, steps)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("shuffle", [True, False])
def test_data_that_know_epochs(folders, workers, shuffle):
    state = check_goes_on(
        make_model,
        folders,
        [STEPS + 3, 2],
        data=Samples(workers=workers),
        validation_data=Samples(),
        shuffle=shuffle,
    )
    assert "val_loss" in state["history"]


def test_batches_are_shuffled_as_keras_would(tmp_path):
    seen = []

    class Seen(Samples):
        def batch(self, epoch, step):
            seen.append((epoch, step))
            return super().batch(epoch, step)

    train(make_model(), tmp_path, Seen(workers=1))
    seen = seen[-EPOCHS * STEPS :]
    assert sorted(seen) == [(e, s) for e in range(EPOCHS) for s in range(STEPS)]
    orders = [
        tuple(s for e, s in seen if e == epoch) for epoch in range(EPOCHS)
    ]
    assert len({*orders, tuple(range(STEPS))}) == EPOCHS + 1


def test_callbacks_see_each_step_begin_once(folders):
    steps = [2, 1, STEPS]
    make = lambda: [Counting()]  # noqa: E731
    found = check_goes_on(make_model, folders, steps, make_callbacks=make)
    begun = found["history"]["count 1"]
    assert begun == [STEPS, 2 * STEPS, 3 * STEPS] == found["history"]["count 2"]


@pytest.mark.parametrize("steps", [[2], [STEPS], [STEPS + 2, STEPS + 1]])
def test_callbacks_and_validation(folders, steps):
    x, y = make_arrays(3)
    state = check_goes_on(
        make_plain_model,
        folders,
        steps,
        make_callbacks=make_callbacks,
        validation_data=(x, y),
        every=1,
    )
    assert {"learning_rate", "seen", "val_loss"} < set(state["history"])


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras has it on the others only"
)
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_several_steps_in_one(folders, steps):
    """A batch of four steps, then one of the two that are left."""
    check_goes_on(
        lambda: make_model(steps_per_execution=4),
        folders,
        [steps, 1],
        every=4,
        validation_data=Samples(),
    )


# Each compiles a step of its own, but on PyTorch.
TRIED = METHODS if keras.backend.backend() == "torch" else METHODS[::12]


@pytest.mark.parametrize("method", TRIED, ids=lambda m: m.__name__)
def test_every_method_of_balancing(folders, method):
    options = OPTIONS.get(method.__name__, {})
    state = check_goes_on(
        lambda: make_model(lambda: method(**options)), folders, [STEPS + 3]
    )
    assert "scene_weight" in state["history"]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(folders, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        check_goes_on(make_model, folders, [STEPS + 3])
    finally:
        keras.config.set_dtype_policy(before)


def test_gradients_of_several_batches(folders):
    def make():
        optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=4)
        return make_model(lambda: balancing.MGDA(at="parameters"), optimizer)

    check_goes_on(make, folders, [STEPS + 3], every=1)


def test_a_finished_training_does_nothing_and_gives_the_same(tmp_path):
    options = {"validation_data": Samples()}
    expected = train(make_plain_model(), tmp_path, **options)
    seen = BreakAt(1)
    found = train(make_plain_model(), tmp_path, callbacks=[seen], **options)
    assert_same(found, expected)
    assert seen.left == 1


@pytest.mark.parametrize("steps", [2 * STEPS + 3, 3 * STEPS])
def test_fewer_epochs_are_refused(tmp_path, steps):
    with pytest.raises(Broken):
        train(make_model(), tmp_path, callbacks=[BreakAt(steps)], epochs=4)
    with pytest.raises(ValueError, match="Expected more epochs than the 2"):
        train(make_model(), tmp_path, epochs=2)


def test_more_epochs_go_on(folders):
    expected = train(make_plain_model(), folders[0], epochs=EPOCHS + 1)
    train(make_plain_model(), folders[1])
    found = train(make_plain_model(), folders[1], epochs=EPOCHS + 1)
    assert_same(found, expected)


def test_a_stopped_training_stays_stopped(tmp_path, capsys):
    def stopping():
        return keras.callbacks.EarlyStopping(
            "loss", patience=0, min_delta=1e6, restore_best_weights=True
        )

    options = {"epochs": 9, "verbose": 2}
    expected = train(make_model(), tmp_path, callbacks=[stopping()], **options)
    assert expected["epochs"] == [0, 1]
    found = train(make_model(), tmp_path, callbacks=[stopping()], **options)
    assert_same(found, expected)
    assert "stopped after epoch 2" in capsys.readouterr().out


def test_a_second_fit_of_one_model_with_its_own_folder(folders):
    """Which reads the epochs of the data that follow."""

    def train_twice(first, second, *stops):
        model = make_model()
        train(model, first, Samples(), callbacks=stops[:1])
        return train(model, second, Samples(), callbacks=stops[1:], epochs=2)

    expected = train_twice(folders[0] / "1", folders[0] / "2")
    assert expected["epochs_trained"] == EPOCHS + 2
    parts = folders[1] / "1", folders[1] / "2"
    for stops in ([BreakAt(3)], [BreakAt(-1), BreakAt(STEPS + 1)]):
        with pytest.raises(Broken):
            train_twice(*parts, *stops)
    assert_same(train_twice(*parts), expected)


def test_as_many_steps_as_without(tmp_path):
    """What is saved does not change the training, but for the order."""
    options = {"shuffle": False}
    keras.utils.set_random_seed(0)
    plain = train(make_model(), None, **options)
    found = train(make_model(), tmp_path, **options)
    if keras.backend.backend() == "torch":  # Its dropout is seeded anew.
        assert set(found["history"]) == set(plain["history"])
    else:
        # Epochs are counted where data know them, as those of Resume do.
        assert_same(found | {"epochs_trained": 0}, plain)


def test_errors_name_the_sample_of_the_arrays(tmp_path):
    x, y = make_arrays()
    y["scene"][6] = 7
    with pytest.raises(ValueError, match="'scene'.*sample 6"):
        train(make_model(), tmp_path, (x, y))
