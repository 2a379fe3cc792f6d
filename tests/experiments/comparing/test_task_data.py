import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.experiments.comparing.task_data import of_tasks

X = np.arange(12, dtype="float32").reshape(6, 2)
Y = {task: np.full((6, 1), k, "float32") for k, task in enumerate("abc")}
WEIGHTS = {"a": np.ones(6, "float32"), "c": np.zeros(6, "float32")}


class Pairs(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = slice(2 * index, 2 * index + 2)
        return X[rows], {task: y[rows] for task, y in Y.items()}


def make_batches():
    source = [
        {"image": np.full((2, 2, 3), i, "uint8"), "a": i, "b": -i % 6}
        for i in range(6)
    ]
    tasks = {"a": "a", "b": "b"}
    return mtv.data.Batches(source, tasks, batch_size=2, shuffle=True)


def test_arrays():
    assert of_tasks(None, ["a"]) is None
    x, y, weights = of_tasks((X, Y, WEIGHTS), ["a", "b"])
    assert x is X
    assert list(y) == ["a", "b"]
    assert list(weights) == ["a"]
    assert len(of_tasks((X, Y), ["a"])) == 2
    assert of_tasks((X, Y, np.ones(6)), ["a"])[2].shape == (6,)


def test_batches_of_any_kind_read_the_same():
    whole, part = Pairs(workers=3, max_queue_size=4), ["c", "a"]
    found = of_tasks(whole, part)
    assert (found.workers, found.max_queue_size) == (3, 4)
    assert found.num_batches == 3
    for index in range(3):
        x, y = found[index]
        np.testing.assert_array_equal(x, whole[index][0])
        assert list(y) == part


def test_epochs_are_those_of_the_data():
    """A model of one task sees the order that a model of all tasks sees."""

    def fit(data, tasks):
        image = keras.Input((2, 2, 3))
        values = keras.layers.Flatten()(image)
        heads = {t: keras.layers.Dense(6, "softmax")(values) for t in tasks}
        model = mtv.MultiTaskModel(image, heads)
        loss = keras.losses.SparseCategoricalCrossentropy()
        model.compile("sgd", loss=dict.fromkeys(tasks, loss))
        model.fit(data, epochs=2, verbose=0, validation_data=data)

    data = make_batches()
    read, original = [], data.batch
    data.batch = lambda epoch, step: (
        read.append((epoch, step)) or original(epoch, step)
    )
    fit(data, ["a", "b"])
    both, data.epoch = sorted(read), 0
    read.clear()
    fit(of_tasks(data, ["a"]), ["a"])
    assert sorted(read) == both
    assert {epoch for epoch, _ in both} == {0, 1}


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="tf.data is TensorFlow's"
)
def test_tf_data():
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((X, Y, WEIGHTS)).batch(2)
    x, y, weights = next(iter(of_tasks(data, ["b", "c"])))
    np.testing.assert_array_equal(x, X[:2])
    assert set(y) == {"b", "c"}
    assert set(weights) == {"c"}


@pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="a DataLoader is PyTorch's"
)
@pytest.mark.parametrize("workers", [0, 1])
def test_data_loader(workers):
    import torch

    samples = [(x, {t: y[i] for t, y in Y.items()}) for i, x in enumerate(X)]
    data = torch.utils.data.DataLoader(samples, 2, num_workers=workers)
    x, y = next(iter(of_tasks(data, ["b"])))
    np.testing.assert_array_equal(x, X[:2])
    assert set(y) == {"b"}
    assert set(next(iter(data))[1]) == set(Y)  # the original is as it was


def test_what_cannot_be_read():
    with pytest.raises(ValueError, match="received a generator"):
        of_tasks((batch for batch in [(X, Y)]), ["a"])
    with pytest.raises(ValueError, match=r"\['a', 'b', 'c'\], but none of"):
        of_tasks((X, Y), ["d"])
