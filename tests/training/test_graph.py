"""Graphs are split where all tasks part."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from batteries.backend import to_numpy
from mtvision.training.graph import Graph


def names(calls):
    return [call.operation.name for call in calls]


def ring():
    """Two inputs, a layer called twice, partly shared layers, a nested model.

    a: all but the neck; b and c share the neck; d is the trunk itself.
    """
    image = keras.Input((8,), name="image")
    other = keras.Input((8,), name="other")
    twice = layers.Dense(6, name="twice")
    nested_input = keras.Input((6,))
    nested = keras.Model(
        nested_input,
        {"low": nested_input * 2, "high": layers.Dense(5)(nested_input)},
        name="nested",
    )
    features = nested(ops.add(twice(image), twice(other * 0.5)))
    neck = layers.Dense(4, name="neck")(features["high"][:, 1:])
    outputs = {
        "a": layers.Dense(2, name="head_a")(
            layers.concatenate([features["high"], features["low"]])
        ),
        "b": layers.Dense(2, name="head_b")(neck),
        "c": layers.Dense(3, name="head_c")(neck) + features["low"][:, :1],
        "d": features["low"],
    }
    return keras.Model({"image": image, "other": other}, outputs)


def test_the_parts_make_the_whole():
    model = ring()
    graph = Graph(model, ["a", "b", "c"])
    assert {"twice", "nested"} <= set(names(graph.trunk))
    assert names(graph.trunk).count("twice") == 2
    assert {"neck", "head_a", "head_b", "head_c"} <= set(names(graph.rest))
    rng = np.random.default_rng(0)
    x = {
        name: ops.convert_to_tensor(rng.normal(size=(3, 8)).astype("float32"))
        for name in ("other", "image")
    }
    found = graph.run_rest(x, graph.run_trunk(x))
    for name, expected in to_numpy(model(x)).items():
        np.testing.assert_allclose(to_numpy(found[name]), expected, atol=1e-6)


def test_the_forks_are_what_leaves_the_trunk():
    graph = Graph(ring(), ["a", "b", "c"])
    assert {(t.operation, t.index) for t in graph.forks} == {
        ("nested", 0),
        ("nested", 1),
    }


def test_variables_by_who_shares_them():
    graph = Graph(ring(), ["a", "b", "c"])
    shapes = [tuple(v.shape) for v in graph.trunk_variables]
    assert sorted(shapes) == [(5,), (6,), (6, 5), (8, 6)]
    paths = [v.path for v in graph.partly_shared_variables]
    assert paths == ["neck/kernel", "neck/bias"]
    assert len(graph.private_variables) == 6


def test_frozen_variables_are_left_out():
    model = ring()
    model.get_layer("neck").trainable = False
    assert not Graph(model, ["a", "b", "c"]).partly_shared_variables


def test_tasks_that_do_not_count_do_not_split():
    graph = Graph(ring(), ["b", "c"])
    assert "neck" in names(graph.trunk)
    assert "head_a" in names(graph.rest)
    assert not graph.partly_shared_variables


@pytest.mark.parametrize("training", [False, True])
def test_layers_learn_whether_they_train(training):
    x = keras.Input((8,))
    y = layers.Dropout(0.5)(x)
    model = keras.Model(x, {"a": layers.Identity()(y), "b": y * 2})
    graph = Graph(model, ["a", "b"])

    class Runs(layers.Layer):
        def call(self, x, training=None):
            return graph.run_rest(x, graph.run_trunk(x))

    found = to_numpy(Runs()(np.ones((4, 8), "float32"), training=training))
    assert (found["a"] == 0).any() == training


def test_which_forks_training_changes():
    x = keras.Input((6,))
    frozen = layers.Dense(4)
    low = frozen(x)
    upper = layers.Dense(4)
    high = upper(low)
    outputs = {k: layers.Dense(1)(high) + layers.Dense(1)(low) for k in "ab"}
    model = keras.Model(x, outputs)
    assert Graph(model, ["a", "b"]).learns == [True, True]
    frozen.trainable = False
    graph = Graph(model, ["a", "b"])
    learns = dict(zip((fork.operation for fork in graph.forks), graph.learns))
    assert learns == {frozen.name: False, upper.name: True}


def test_a_layer_that_is_called_again_is_not_of_the_trunk():
    x = keras.Input((6,))
    first, again = layers.Dense(6, name="first"), layers.Dense(6, name="again")
    trunk = layers.Activation("tanh", name="after")(again(first(x)))
    outputs = {"a": layers.Dense(1)(again(trunk)), "b": layers.Dense(1)(trunk)}
    graph = Graph(keras.Model(x, outputs), ["a", "b"])
    assert names(graph.trunk) == ["first"]
    assert {v.path for v in graph.partly_shared_variables} == {
        "again/kernel",
        "again/bias",
    }
