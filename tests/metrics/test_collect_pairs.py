import keras
import numpy as np
import pytest

from mtvision.layers import SquaredDistance
from mtvision.metrics import collect_pairs

ONE, TWO = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
SAME = np.array([[1], [0], [-1], [0], [1]])


def model(task="same"):
    inputs = {name: keras.Input((3,), name=name) for name in "ab"}
    return keras.Model(inputs, {task: SquaredDistance()(*inputs.values())})


def test_all_pairs_in_their_order():
    batches = [
        (
            {"a": ONE[part], "b": TWO[part], "further": ONE[part]},
            {"same": SAME[part]},
            {"same": np.ones(len(SAME[part]))},
        )
        for part in (slice(0, 3), slice(3, 5))
    ]
    batches[1][2]["same"][0] = 0
    distances, same = collect_pairs(batches, model())
    expected = np.square(ONE - TWO).sum(axis=1)
    np.testing.assert_allclose(distances, expected, rtol=1e-5)
    assert same.tolist() == [1, 0, -1, -1, 1]


def test_no_pairs_and_no_distance():
    assert [each.shape for each in collect_pairs([], model())] == [(0,)] * 2
    with pytest.raises(ValueError, match=r"output 'same'.*\['pair'\]"):
        collect_pairs([], model("pair"))


def test_truths_that_do_not_fit():
    x = {"a": ONE, "b": TWO}
    with pytest.raises(ValueError, match=r"Batch 0.*'same'.*\['other'\]"):
        collect_pairs([(x, {"other": SAME})], model())
    with pytest.raises(ValueError, match=r"gives 5 distances.* says 3 times"):
        collect_pairs([(x, {"same": SAME[:3]})], model())
    weights = {"same": np.ones(4)}
    with pytest.raises(ValueError, match=r"'same' .* 5 samples .*\(4,\)"):
        collect_pairs([(x, {"same": SAME}, weights)], model())
