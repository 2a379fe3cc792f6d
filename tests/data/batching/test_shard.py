import keras
import numpy as np
import pytest

from mtvision import MultiTaskModel
from mtvision.data import Augment, Batches, RandomCrop, Shard


def batches(**options):
    rng = np.random.default_rng(0)
    source = [
        {"image": rng.integers(0, 255, (4, 4, 3), "uint8"), "age": float(n)}
        for n in range(12)
    ]
    given = {"batch_size": 4, "image_size": 4, "shuffle": True, **options}
    augment = Augment([RandomCrop()])
    return Batches(source, {"age": "age"}, augment=augment, **given)


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("epoch", [0, 5])
def test_shards_together_are_the_batch(count, epoch):
    whole = batches()
    shards = [Shard(batches(), index=i, count=count) for i in range(count)]
    for step in range(3):
        parts = [shard.batch(epoch, step) for shard in shards]
        joined = keras.tree.map_structure(
            lambda *arrays: np.concatenate(arrays), *parts
        )
        keras.tree.map_structure(
            np.testing.assert_array_equal, joined, whole.batch(epoch, step)
        )


def test_epochs_and_order_are_those_of_the_batches():
    shard = Shard(batches(), index=1, count=2)
    first = [shard[i][1]["age"].tolist() for i in range(len(shard))]
    assert np.concatenate(first).tolist() == shard.order()
    shard.on_epoch_end()
    assert shard.epoch == shard.batches.epoch == 1
    assert shard.order() == shard.order(1) != shard.order(0)
    assert shard.batch(0, -1)[1]["age"].tolist() == first[-1]


def test_fit_reads_the_epochs_in_turn():
    shard = Shard(batches(), index=0, count=2)
    read = []
    batch = shard.batch
    shard.batch = lambda epoch, step: (
        read.append((epoch, step)) or batch(epoch, step)
    )
    image = keras.Input((4, 4, 3))
    flat = keras.layers.Flatten()(image)
    model = MultiTaskModel(image, {"age": keras.layers.Dense(1)(flat)})
    model.compile("sgd", {"age": "mae"})
    model.fit(shard, epochs=2, verbose=0)
    assert {(e, s) for e in (0, 1) for s in range(3)} == set(read)


@pytest.mark.parametrize(
    ("options", "count", "received"),
    [
        ({"batch_size": 5}, 2, "batch_size=5"),
        ({"batch_size": 8}, 8, "a last batch of 4"),
    ],
)
def test_batches_without_equal_parts_are_an_error(options, count, received):
    with pytest.raises(ValueError, match=received):
        Shard(batches(**options), index=0, count=count)
    if "last" in received:
        Shard(batches(drop_remainder=True, **options), index=0, count=count)


def test_a_number_of_no_shard_is_an_error():
    with pytest.raises(ValueError, match="from 0 to 1"):
        Shard(batches(), index=2, count=2)
