"""Epoch e of `fit` reads epoch e of the data."""

import keras
import numpy as np
import pytest

import mtvision as mtv

STEPS = 4


class Numbers(keras.utils.PyDataset):
    """Data that note which batches of which epochs are read."""

    shuffle = True

    def __init__(self, **options):
        super().__init__(**options)
        self.epoch, self.ends, self.read = 0, 0, []

    def __len__(self):
        return STEPS

    def __getitem__(self, index):
        return self.batch(self.epoch, index)

    def batch(self, epoch, step):
        self.read.append((epoch, step))
        x = np.full((2, 3), epoch + step / 10, "float32")
        return x, {"a": np.zeros((2, 1), "float32")}

    def on_epoch_end(self):
        self.epoch += 1
        self.ends += 1


class Seen(keras.callbacks.Callback):
    """The batches that training has seen, by the model's own sum of them."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(round(logs["a_value"], 4))


def mean_input(y_true, y_pred):
    return keras.ops.mean(y_pred, axis=-1)


def make_model():
    x = keras.Input((3,))
    values = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)
    values.trainable = False
    # Something to train.
    outputs = values(x) / 3 + 0 * keras.layers.Dense(1)(x)
    model = mtv.MultiTaskModel(x, {"a": outputs})
    metric = keras.metrics.MeanMetricWrapper(mean_input, name="value")
    model.compile("sgd", loss={"a": "mse"}, metrics={"a": metric})
    return model


def epochs_of(seen):
    """Each epoch has the mean of its number and its steps' tenths."""
    return [round(value - 0.15, 4) for value in seen.epochs]


@pytest.mark.parametrize("workers", [1, 3])
def test_fit_reads_the_epoch_of_its_number(workers):
    data, seen = Numbers(workers=workers), Seen()
    model = make_model()
    model.fit(data, epochs=2, verbose=0, callbacks=[seen])
    assert epochs_of(seen) == [0, 1]
    assert {epoch for epoch, _ in data.read} == {0, 1}
    assert data.ends >= 2


@pytest.mark.parametrize("workers", [1, 3])
def test_evaluations_and_predictions_do_not_move_the_data(workers):
    data, seen = Numbers(workers=workers), Seen()
    model = make_model()
    for _ in range(3):
        model.fit(
            data, epochs=1, validation_data=data, verbose=0, callbacks=[seen]
        )
        found = model.evaluate(data, verbose=0, return_dict=True)
        assert found["a_value"] - 0.15 == pytest.approx(data.epoch, abs=1e-5)
        predicted = model.predict(data, verbose=0).popitem()[1]
        assert np.mean(predicted) - 0.15 == pytest.approx(data.epoch, abs=1e-5)
    assert epochs_of(seen) == [0, 1, 2]
    assert data.epoch == 2
    assert model.epochs_trained == 3


def test_another_model_begins_anew():
    data = Numbers()
    for _ in range(2):
        seen = Seen()
        make_model().fit(data, epochs=2, verbose=0, callbacks=[seen])
        assert epochs_of(seen) == [0, 1]


def test_training_resumes_at_an_epoch():
    seen, model = Seen(), make_model()
    model.fit(Numbers(), epochs=4, initial_epoch=2, verbose=0, callbacks=[seen])
    assert epochs_of(seen) == [2, 3]
    model.fit(Numbers(), epochs=2, initial_epoch=1, verbose=0, callbacks=[seen])
    assert epochs_of(seen) == [2, 3, 1]


def test_data_that_shuffle_themselves_keep_their_order():
    for shuffle in (True, False):
        keras.utils.set_random_seed(0)
        data = Numbers()
        options = {"shuffle": True} if shuffle else {}
        make_model().fit(data, epochs=3, verbose=0, **options)
        # TensorFlow looks at the first two batches before.
        order = [step for _, step in data.read[-3 * STEPS :]]
        assert (order != [0, 1, 2, 3] * 3) == shuffle


def test_other_data_are_read_as_ever():
    data = Numbers()
    data.batch = None
    given = {"x": data, "epochs": 2}
    from mtvision.training.data_epochs import follow_epochs, hold

    assert follow_epochs(given) is given
    assert hold(data) is data
