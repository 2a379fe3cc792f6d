import json

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.small_search import TRAIN, VALID, build
from mtvision.experiments.runs.records import to_json
from mtvision.experiments.runs.training_run import measure, train_once

OPTIONS = {"values": {}, "seed": 3, "epochs": 2, "name": "one"}


def test_the_record_is_what_a_plain_training_gives():
    method = mtv.balancing.PCGrad(order="sequential")
    values = {"rate": 0.05, "balancing": method}
    model, record = train_once(
        build, TRAIN, VALID, **OPTIONS | {"values": values}
    )
    keras.utils.set_random_seed(3)
    plain = build(rate=0.05, balancing=mtv.balancing.PCGrad(order="sequential"))
    history = plain.fit(*TRAIN, validation_data=VALID, epochs=2, verbose=0)
    assert set(record["history"]) == set(history.history)
    for name, logged in history.history.items():
        np.testing.assert_allclose(record["history"][name], logged, rtol=1e-6)
    assert record["validation"]["a_mae"] == record["history"]["val_a_mae"][-1]
    assert measure(model, VALID) == pytest.approx(record["validation"], 1e-5)
    assert record["tasks"] == ["a", "b"]
    assert record["epochs"] == 2
    assert record["values"]["balancing"]["class"] == "PCGrad"
    assert record["parameters"] == plain.count_params()
    rows = mtv.balancing.diagnose(plain, VALID)
    assert record["conflicts"][0]["cosine"] == pytest.approx(
        rows[0]["cosine"], abs=1e-4
    )
    assert record["step_seconds"] > 0
    assert json.loads(to_json(record)) == record


def test_functions_make_data_of_their_keywords():
    seen = []

    def train(scale, seed):
        seen.append((scale, seed))
        return TRAIN

    values = {"scale": 2, "rate": 0.01}
    _, record = train_once(build, train, None, **OPTIONS | {"values": values})
    assert seen == [(2, 3)]
    assert record["validation"] == {}
    assert record["values"] == values


def test_runs_begin_anew():
    """Same numbers, same names, and the user's settings stay."""

    def with_auc():
        model = build()
        loss = dict.fromkeys("ab", "mse")
        model.compile("sgd", loss=loss, metrics={"a": keras.metrics.AUC()})
        return model

    truth = {"a": (TRAIN[1]["a"] > 0).astype("float32"), "b": TRAIN[1]["b"]}
    data = (TRAIN[0], truth)
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        runs = [train_once(with_auc, data, data, **OPTIONS) for _ in range(2)]
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)
    assert runs[0][1]["history"] == runs[1][1]["history"]
    assert "a_auc" in runs[1][1]["validation"]


def test_callbacks_and_logs(tmp_path):
    names = []

    def callbacks(name):
        names.append(name)
        return [keras.callbacks.CSVLogger(tmp_path / "log.csv")]

    options = OPTIONS | {"callbacks": callbacks, "logs": tmp_path / "logs"}
    train_once(build, TRAIN, VALID, **options)
    assert names == ["one"]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3
    assert list((tmp_path / "logs").rglob("events*"))


def test_a_task_alone_has_no_conflicts():
    def alone():
        x = keras.Input((4,))
        model = mtv.MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
        model.compile("sgd", loss={"a": "mse"})
        return model

    data = (TRAIN[0], {"a": TRAIN[1]["a"]})
    _, record = train_once(alone, data, data, **OPTIONS)
    assert record["conflicts"] is None


def test_tasks_that_share_nothing_say_why_there_are_no_conflicts():
    def apart():
        x = keras.Input((4,))
        heads = {t: keras.layers.Dense(1)(x) for t in "ab"}
        model = mtv.MultiTaskModel(x, heads)
        model.compile("sgd", loss=dict.fromkeys("ab", "mse"))
        return model

    _, record = train_once(apart, TRAIN, VALID, **OPTIONS)
    assert record["conflicts"] is None
    assert "share" in record["conflicts_error"]


def test_layers_that_runs_share_are_refused():
    shared = keras.layers.Dense(3, name="shared")

    def leaking():
        x = keras.Input((4,))
        heads = {t: keras.layers.Dense(1)(shared(x)) for t in "ab"}
        model = mtv.MultiTaskModel(x, heads)
        model.compile("sgd", loss=dict.fromkeys("ab", "mse"))
        return model

    train_once(leaking, TRAIN, VALID, **OPTIONS)
    with pytest.raises(ValueError, match="an earlier run has trained"):
        train_once(leaking, TRAIN, VALID, **OPTIONS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"build": lambda: None}, "compiled MultiTaskModel, received None"),
        (
            {
                "build": lambda: mtv.MultiTaskModel(
                    (x := keras.Input((4,))), {"a": keras.layers.Dense(1)(x)}
                )
            },
            "received one that is not",
        ),
        ({"train": iter([TRAIN])}, "as `train`, received an iterator"),
        ({"valid": lambda: iter([VALID])}, "as `valid`, received an iterator"),
    ],
)
def test_wrong_arguments(wrong, message):
    given = {"build": build, "train": TRAIN, "valid": VALID} | wrong
    with pytest.raises(ValueError, match=message):
        train_once(**given, **OPTIONS)
