import keras
import numpy as np
import pytest

from mtvision.layers import SquaredDistance
from mtvision.metrics import PairVerification, verification_report
from mtvision.training import MultiTaskModel

RNG = np.random.default_rng(0)
PAIRS = {name: RNG.normal(size=(9, 4)).astype("float32") for name in "ab"}
SAME = np.array([0, 1, 1, 0, 0, 1, 0, 1, -1])
LOSS = {"same": "mse"}


def siamese():
    one, two = (keras.Input((4,), name=name) for name in "ab")
    dense = keras.layers.Dense(3)
    distance = SquaredDistance()(dense(one), dense(two))
    return MultiTaskModel({"a": one, "b": two}, {"same": distance})


def batches(size=3):
    return [
        (
            {name: x[k : k + size] for name, x in PAIRS.items()},
            {"same": SAME[k : k + size]},
        )
        for k in range(0, 9, size)
    ]


def test_scores_of_an_epoch_are_in_the_logs():
    model = siamese()
    model.compile("sgd", LOSS)
    verification = PairVerification(batches(), model, every=2)
    history = model.fit(
        PAIRS, {"same": SAME}, epochs=2, verbose=0, callbacks=[verification]
    ).history
    found = model.predict(PAIRS, verbose=0)["same"]
    report = verification_report(found, SAME)
    assert history["val_eer"] == [pytest.approx(report.eer)]
    assert history["val_auc"] == [pytest.approx(report.auc)]
    assert 0.5 <= history["val_accuracy"][0] <= 1
    assert verification.report.num_same == 4


def test_weights_say_which_pairs_count():
    x, y = batches(9)[0]
    weights = {"same": np.float32([1, 1, 0, 0, 1, 1, 1, 1, 1])}
    verification = PairVerification([(x, y, weights)], siamese())
    verification.evaluate()
    report = verification.report
    assert (report.num_same, report.num_different) == (3, 3)


def test_wrong_models_and_data():
    with pytest.raises(ValueError, match=r"output 'pair'.*\['same'\]"):
        PairVerification(batches(), siamese(), task="pair")
    dense = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"models\.Siamese"):
        PairVerification(batches(), dense)
    with pytest.raises(ValueError, match="iterator"):
        PairVerification(iter(batches()), siamese())
