"""Batches of arrays hold each sample once, in an order of seed and epoch."""

import numpy as np
import pytest

from mtvision.training.resuming.array_batches import ArrayBatches

X = {"image": np.arange(11.0)[:, None], "words": np.arange(11)}
Y = {"a": {"boxes": np.arange(11) * 2}, "b": np.arange(11)}


def order(epoch, **options):
    options = {"batch_size": 4, "shuffle": True, "seed": 3} | options
    data = ArrayBatches(X, Y, **options)
    batches = [data.batch(epoch, step) for step in range(data.num_batches)]
    for x, y in batches:
        np.testing.assert_array_equal(x["image"][:, 0], x["words"])
        np.testing.assert_array_equal(y["a"]["boxes"], 2 * x["words"])
        np.testing.assert_array_equal(y["b"], x["words"])
    assert [len(y["b"]) for _, y in batches] == [4, 4, 3]
    return [int(row) for _, y in batches for row in y["b"]]


def test_each_epoch_has_its_own_order():
    orders = [order(epoch) for epoch in range(3)]
    assert all(sorted(o) == list(range(11)) for o in orders)
    assert len({tuple(o) for o in orders}) == 3
    assert order(1) == orders[1]
    assert order(1, seed=4) != orders[1]
    assert order(1, shuffle=False) == list(range(11))


@pytest.mark.parametrize("weight", [np.arange(11), {"a": np.arange(11)}])
def test_weights_go_with_their_samples(weight):
    data = ArrayBatches(X, Y, weight, batch_size=4, shuffle=True)
    x, _, found = data.batch(0, 2)
    found = found["a"] if isinstance(found, dict) else found
    np.testing.assert_array_equal(found, x["words"])
