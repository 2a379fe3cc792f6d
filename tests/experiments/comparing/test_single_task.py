import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.experiments.comparing.single_task import single_task

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4)).astype("float32")
Y = {"a": X[:, :1] * 2, "b": X[:, 1:2], "c": X[:, 2:3]}


def own_loss(y_true, y_pred):  # not registered
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def settings(tasks, **more):
    """Arguments of `compile` for some of the tasks."""
    given = {
        "loss": {"a": own_loss, "b": "mae", "c": None},
        "loss_weights": {"a": 0.5, "b": 3.0},
        "metrics": {"a": [keras.metrics.MeanSquaredError(name="error")]},
    }
    rate = keras.optimizers.schedules.CosineDecay(0.1, 10)
    return {
        "optimizer": keras.optimizers.AdamW(rate, weight_decay=0.2),
        **{
            name: {k: v for k, v in each.items() if k in tasks}
            for name, each in given.items()
        },
        **more,
    }


def outputs_of(image, tasks):
    trunk = keras.layers.Dense(5, "tanh", name="trunk")(image)
    private = {"a": 0, "b": 3, "c": 2}
    outputs = {}
    for task in tasks:
        x = trunk
        if private[task]:
            x = keras.layers.Dense(private[task], name=f"only_{task}")(trunk)
        outputs[task] = keras.layers.Dense(1, name=f"head_{task}")(x)
    return outputs


def build(tasks="abc", **more):
    keras.utils.set_random_seed(3)
    image = keras.Input((4,))
    model = mtv.MultiTaskModel(image, outputs_of(image, tasks))
    model.compile(**settings(tasks, **more))
    return model


def train(model, tasks):
    y = {task: Y[task] for task in tasks}
    return model.fit(X, y, batch_size=4, shuffle=False, verbose=0).history


@pytest.mark.parametrize("tasks", ["a", "ab"])
def test_equals_a_model_built_by_hand(tasks):
    model = build(balancing=mtv.balancing.PCGrad())
    alone, by_hand = single_task(model, list(tasks)), build(tasks)
    assert train(alone, tasks) == train(by_hand, tasks)  # three steps
    for weight, expected in zip(alone.weights, by_hand.weights):
        assert weight.path == expected.path
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(weight),
            keras.ops.convert_to_numpy(expected),
        )


def test_only_what_the_task_needs_is_in_it():
    model = build()
    alone = single_task(model, "b")
    assert alone.task_names == ["b"]
    names = [layer.name for layer in alone.layers[1:]]
    assert names == ["trunk", "only_b", "head_b"]
    assert alone.balancer is None
    assert alone.optimizer is not model.optimizer
    assert alone.optimizer.get_config() == model.optimizer.get_config()
    logs = alone.evaluate(X, {"b": Y["b"]}, verbose=0, return_dict=True)
    assert set(logs) == {"loss", "b_loss"}
    np.testing.assert_allclose(logs["loss"], 3 * logs["b_loss"], rtol=1e-5)


def test_the_optimizer_begins_anew():
    model = build()
    train(model, "abc")
    alone = single_task(model, "a")
    assert int(model.optimizer.iterations) == 3
    assert int(alone.optimizer.iterations) == 0


def test_how_it_runs_is_kept():
    model = build(run_eagerly=True, steps_per_execution=2, jit_compile=False)
    alone = single_task(model, "a")
    assert alone.run_eagerly
    assert alone.steps_per_execution == 2
    assert not alone.jit_compile


def test_all_inputs_stay():
    image, text = keras.Input((4,), name="image"), keras.Input((2,), name="t")
    heads = {
        "a": keras.layers.Dense(1)(image),
        "b": keras.layers.Dense(1)(text),
    }
    model = mtv.MultiTaskModel({"image": image, "t": text}, heads)
    model.compile("sgd", loss={"a": "mse", "b": "mse"})
    alone = single_task(model, "a")
    inputs = {"image": X, "t": X[:, :2]}
    assert "a_loss" in alone.fit(inputs, {"a": Y["a"]}, verbose=0).history


class Falling(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1

    def get_config(self):
        return {}


@pytest.mark.parametrize(
    ("task", "more", "message"),
    [
        ("d", {}, "names the task 'd', which does not exist"),
        ("c", {}, "the loss of .'c'. is None"),
        ([], {}, "a task that has a loss"),
        ("a", {"optimizer": keras.optimizers.SGD(Falling())}, "register"),
    ],
)
def test_what_cannot_be_trained_alone(task, more, message):
    with pytest.raises(ValueError, match=message):
        single_task(build(**more), task)


def test_a_model_that_is_not_compiled():
    image = keras.Input((4,))
    with pytest.raises(ValueError, match="Call `compile`"):
        single_task(mtv.MultiTaskModel(image, outputs_of(image, "a")), "a")
