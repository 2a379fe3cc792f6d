"""Training that stops and goes on sees the same batches."""

import keras
import numpy as np
import pytest

import mtvision as mtv


class Noted(mtv.data.Batches):
    """Batches that note which of them are read."""

    def batch(self, epoch, step):
        self.__dict__.setdefault("read", []).append((epoch, step))
        return super().batch(epoch, step)


def make(workers):
    image = np.zeros((4, 4, 3), "uint8")
    source = [{"image": image + k, "label": k % 3} for k in range(24)]
    return Noted(
        source,
        {"scene": "label"},
        batch_size=4,
        shuffle=True,
        workers=workers,
        augment=mtv.data.Augment([mtv.data.RandomFlip()]),
    )


def make_model():
    keras.utils.set_random_seed(0)
    x = keras.Input((4, 4, 3))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(x))
    model = mtv.MultiTaskModel(x, {"scene": keras.layers.Dense(3)(flat)})
    model.compile("sgd", loss={"scene": mtv.tasks.ClassificationLoss()})
    return model


@pytest.mark.parametrize("workers", [1, 2])
def test_a_resumed_training_is_the_same_training(workers):
    whole = make_model()
    batches = make(workers)
    whole.fit(batches, epochs=3, validation_data=batches, verbose=0)
    trained = {epoch for epoch, _ in batches.read}
    assert trained == {0, 1, 2}

    begun = make_model()
    begun.fit(make(workers), epochs=1, verbose=0)
    begun.evaluate(make(workers), verbose=0)
    resumed = make_model()
    resumed.set_weights(begun.get_weights())
    resumed.fit(make(workers), initial_epoch=1, epochs=3, verbose=0)
    for one, two in zip(whole.get_weights(), resumed.get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-6)


def test_batches_are_read_ahead_by_default():
    batches = mtv.data.Batches([{"image": np.zeros((4, 4, 3))}], {"i": "image"})
    assert batches.workers == 2
