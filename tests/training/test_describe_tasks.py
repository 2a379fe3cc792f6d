import keras
import pytest
from keras import layers

import mtvision as mtv
from mtvision.training import describe_tasks


def model_of_three(**compiled):
    """Sizes by hand: trunk 4*3+3 and 12 of normalisation, neck 3*5+5."""
    x = keras.Input((None, 4))
    trunk = layers.Dropout(0.5)(layers.Dense(3)(x))
    trunk = layers.BatchNormalization()(trunk)
    neck = layers.Dense(5)(trunk)
    outputs = {
        "a": layers.Dense(2)(trunk),
        "b": layers.Dense(1)(neck),
        "c": layers.GlobalAveragePooling1D()(layers.Dense(1)(neck)),
    }
    model = mtv.MultiTaskModel(x, outputs)
    if compiled:
        model.compile("sgd", **compiled)
    return model


def test_parameters_are_shared_as_the_graph_says():
    model = model_of_three()
    rows = {row["task"]: row for row in describe_tasks(model)}
    trunk, neck = 4 * 3 + 3 + 4 * 3, 3 * 5 + 5
    assert {task: row["shared"] for task, row in rows.items()} == {
        "a": trunk,
        "b": trunk + neck,
        "c": trunk + neck,
    }
    heads = {task: row["private"] for task, row in rows.items()}
    assert heads == {"a": 3 * 2 + 2, "b": 5 + 1, "c": 5 + 1}
    total = trunk + neck + sum(heads.values())
    assert model.count_params() == total
    assert {row["loss"] for row in rows.values()} == {None}
    shapes = [row["output"] for row in rows.values()]
    assert shapes == ["(B, ?, 2)", "(B, ?, 1)", "(B, 1)"]


def test_what_a_task_is_trained_by():
    def own(y_true, y_pred):
        return keras.ops.mean((y_true - y_pred) ** 2, axis=-1)

    model = model_of_three(
        loss={"a": own, "b": keras.losses.Huber(), "c": None},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": ["mae", "mse"]},
        weighted_metrics={"b": keras.metrics.MeanSquaredError("error")},
    )
    a, b, c = describe_tasks(model)
    assert (a["loss"], b["loss"], c["loss"]) == ("own", "Huber", None)
    weights = [row["loss_weight"] for row in (a, b, c)]
    assert weights == [0.5, 2.0, None]
    assert a["metrics"] == ["mae", "mse"]
    assert b["metrics"] == ["weighted_error"]
    assert c["metrics"] == []


def test_a_saved_model_says_the_same(tmp_path):
    model = model_of_three(
        loss={"a": "mse", "b": keras.losses.mean_absolute_error, "c": None},
        metrics={"b": "mae"},
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert describe_tasks(loaded) == describe_tasks(model)


def test_another_model_has_no_tasks():
    x = keras.Input((4,))
    with pytest.raises(ValueError, match="MultiTaskModel, .* Functional"):
        describe_tasks(keras.Model(x, layers.Dense(1)(x)))
