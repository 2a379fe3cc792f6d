"""Training with `compile(balancing=...)`."""

import keras
import numpy as np
import pytest
from keras import layers

from batteries.backend import parameter_gradients, to_numpy
from mtvision import MultiTaskModel, balancing
from mtvision import layers as mtv_layers

NAN = float("nan")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 6)).astype("float32")
Y = {
    "angle": RNG.normal(size=(8, 2)).astype("float32"),
    "depth": 10 * RNG.normal(size=(8, 1)).astype("float32"),
    "scene": np.arange(8) % 3,
}
LOSSES = {
    "angle": "mse",
    "depth": "mse",
    "scene": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
}
TASKS = sorted(LOSSES)
LEVELS = ["features", "parameters"]


def make_model(regularizer=None, dropout=0.0):
    """A trunk of two forks, of which the second depends on the first."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    low = layers.Dense(5, "tanh", kernel_regularizer=regularizer)(x)
    low = layers.BatchNormalization()(layers.Dropout(dropout, seed=1)(low))
    high = layers.Dense(4, "tanh")(low)
    neck = layers.Dense(3, "tanh", name="neck")(high)
    outputs = {
        "angle": layers.Dense(2)(neck),
        "depth": layers.Dense(1)(neck),
        "scene": layers.Dense(3)(layers.concatenate([low, high])),
    }
    return MultiTaskModel(x, outputs)


def trained(
    method, epochs=2, y=Y, sample_weight=None, optimizer=None, **options
):
    model = make_model(
        options.pop("regularizer", None), options.pop("dropout", 0)
    )
    model.compile(
        optimizer or keras.optimizers.SGD(0.05),
        LOSSES,
        loss_weights={"angle": 1.0, "depth": 0.3, "scene": 2.0},
        balancing=method,
        **options,
    )
    history = model.fit(
        X,
        y,
        sample_weight=sample_weight,
        batch_size=4,
        epochs=epochs,
        shuffle=False,
        verbose=0,
    )
    return model, history.history


def assert_same_weights(a, b, tolerance=1e-6):
    for x, y in zip(a.weights, b.weights):
        np.testing.assert_allclose(
            to_numpy(x.value), to_numpy(y.value), atol=tolerance, rtol=1e-5
        )


@pytest.mark.parametrize("at", LEVELS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"regularizer": "l2", "dropout": 0.5},
        pytest.param(
            {"steps_per_execution": 2},
            marks=pytest.mark.skipif(
                keras.config.backend() == "torch", reason="Keras has it not"
            ),
        ),
        {"run_eagerly": True},
    ],
)
def test_the_sum_of_gradients_is_a_plain_step(at, options):
    plain, expected = trained(None, **options)
    model, history = trained(balancing.Sum(at=at), **options)
    assert_same_weights(plain, model)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_inputs_by_name_come_in_any_order(names):
    first, second = names
    values = dict(zip(names, np.random.default_rng(0).normal(size=(2, 4, 3))))
    losses = []
    for method in (None, balancing.Sum()):
        keras.utils.set_random_seed(0)
        inputs = {name: keras.Input((3,), name=name) for name in names}
        x = layers.Dense(4)(inputs[first]) + 2 * inputs[second][:, :1]
        outputs = {task: layers.Dense(1)(x) for task in "pq"}
        model = MultiTaskModel(inputs, outputs)
        model.compile("sgd", {"p": "mse", "q": "mse"}, balancing=method)
        truth = dict(zip("pq", np.ones((2, 4, 1))))
        losses.append(model.train_on_batch(values, truth))
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def reference_step(method):
    """One SGD step with a backward pass for each task, by hand."""
    model = make_model()
    factors = {"angle": 1.0, "depth": 0.3, "scene": 2.0}
    gradients, losses = {}, []
    paths = [v.path for v in model.trainable_variables]
    for task in TASKS:
        twin = make_model()

        def loss(outputs, task=task):
            value = keras.losses.get(LOSSES[task])
            if task != "scene":
                value = keras.losses.MeanSquaredError()
            return factors[task] * value(Y[task], outputs[task])

        found = parameter_gradients(twin, X, loss)
        gradients[task] = dict(zip(paths, found.values()))
        losses.append(float(loss(make_model()(X, training=True))))
    users = {
        p: [t for t in TASKS if np.abs(gradients[t][p]).max() > 0]
        for p in paths
    }
    shared = [p for p in paths if len(users[p]) > 1]
    rows = np.stack(
        [
            np.concatenate([gradients[t][p].ravel() for p in shared])
            for t in TASKS
        ]
    )
    weights = to_numpy(method.weights(rows @ rows.T, losses))
    for variable, path in zip(model.trainable_variables, paths):
        head = path not in shared and not method.weighs_heads
        step = sum(
            (1.0 if head else w) * gradients[t][path]
            for w, t in zip(weights, TASKS)
        )
        variable.assign(to_numpy(variable.value) - 0.05 * step)
    return model, weights


@pytest.mark.parametrize(
    "make",
    [
        lambda: balancing.MGDA(at="parameters"),
        lambda: balancing.PCGrad(order="sequential", at="parameters"),
        lambda: balancing.UPGrad(at="parameters"),
        lambda: balancing.NashMTL(at="parameters"),
        lambda: balancing.IMTLG(at="parameters"),
    ],
)
def test_parameters_equal_a_backward_pass_for_each_task(make):
    expected, weights = reference_step(make())
    model = make_model()
    model.compile(
        keras.optimizers.SGD(0.05),
        LOSSES,
        loss_weights={"angle": 1.0, "depth": 0.3, "scene": 2.0},
        balancing=make(),
    )
    history = model.fit(X, Y, batch_size=8, verbose=0).history
    found = [history[f"{task}_weight"][0] for task in TASKS]
    np.testing.assert_allclose(found, weights, rtol=1e-3, atol=1e-4)
    for a, b in zip(model.trainable_variables, expected.trainable_variables):
        np.testing.assert_allclose(
            to_numpy(a.value), to_numpy(b.value), atol=1e-4, err_msg=a.path
        )


@pytest.mark.parametrize("at", LEVELS)
def test_absent_tasks_are_as_if_they_were_not_there(at):
    y = {**Y, "depth": np.full((8, 1), NAN, "float32")}
    model, history = trained(balancing.MGDA(at=at), y=y)
    assert np.isnan(history["depth_weight"]).all()
    total = np.array(history["angle_weight"]) + history["scene_weight"]
    np.testing.assert_allclose(total, 1.0, rtol=1e-5)
    assert all(np.isfinite(to_numpy(v.value)).all() for v in model.weights)


@pytest.mark.parametrize("at", LEVELS)
def test_a_broken_gradient_leaves_the_other_tasks_alone(at):
    def broken(y_true, y_pred):
        return keras.ops.sum(keras.ops.sqrt(y_pred * 0.0), axis=-1)

    def without_depth(loss):
        model = make_model()
        model.compile(
            keras.optimizers.SGD(0.05),
            {**LOSSES, "depth": loss},
            balancing=balancing.Sum(at=at),
        )
        history = model.fit(X, Y, batch_size=4, shuffle=False, verbose=0)
        return model, history.history

    model, history = without_depth(broken)
    assert history["depth_broken_gradients"] == [2.0]
    expected, _ = without_depth(None)
    assert_same_weights(model, expected)


@pytest.mark.parametrize("at", LEVELS)
def test_history_tells_weights_norms_and_cosines(at):
    seen = {}
    spy = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.update(logs)
    )
    model = make_model()
    model.compile("sgd", LOSSES, balancing=balancing.UPGrad(at=at))
    history = model.fit(
        X, Y, validation_data=(X, Y), callbacks=[spy], epochs=2, verbose=0
    ).history
    for name in ("angle_weight", "scene_gradient_norm", "angle_depth_cosine"):
        assert len(history[name]) == 2
        assert np.isfinite(history[name]).all()
        assert name in seen
        assert f"val_{name}" not in history
    assert -1 <= history["angle_depth_cosine"][0] <= 1
    assert "angle_weight" not in model.evaluate(
        X, Y, return_dict=True, verbose=0
    )


def test_the_progress_bar_shows_it_on_demand():
    for show in (False, True):
        seen = []
        spy = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, seen=seen: seen.extend(logs)
        )
        model = make_model()
        model.compile(
            "sgd", LOSSES, balancing=balancing.Sum(), show_balancing=show
        )
        model.fit(X, Y, batch_size=4, verbose=0, callbacks=[spy])
        assert ("angle_weight" in seen) == show


@pytest.mark.parametrize(
    "make",
    [
        lambda: balancing.UncertaintyWeighting(),
        lambda: balancing.FAMO(),
        lambda: balancing.GradNorm(),
        lambda: balancing.GradVac(smoothing=0.5),
        lambda: balancing.RLW(seed=3),
    ],
)
def test_state_survives_saving_in_the_middle_of_a_training(make, tmp_path):
    def fit(model):
        model.fit(X, Y, batch_size=4, shuffle=False, verbose=0)

    model, _ = trained(make(), epochs=2, optimizer=keras.optimizers.Adam(0.01))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.balancer) is type(model.balancer)
    fit(model)
    fit(loaded)
    assert_same_weights(model, loaded)
    for a, b in zip(model.balancer.variables, loaded.balancer.variables):
        np.testing.assert_allclose(
            to_numpy(a.value), to_numpy(b.value), rtol=1e-5
        )


@pytest.mark.parametrize("name", ["GradDrop", "MoCo", "DBMTL", "ExcessMTL"])
def test_methods_that_look_at_the_gradients_themselves(name):
    method = getattr(balancing, name)()
    model, history = trained(method)
    shared = model.measure_gradients((X, Y))[2].shape
    assert shared == (3, 3)
    assert method.num_parameters == 6 * 5 + 5 + 2 * 5 + 5 * 4 + 4 + 4 * 3 + 3
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite([history[f"{t}_weight"] for t in TASKS]).all()
    plain, _ = trained(None)
    first, other = (to_numpy(m.weights[0].value) for m in (model, plain))
    assert np.isfinite(first).all()
    assert not np.allclose(first, other)


@pytest.mark.parametrize("name", ["DBMTL", "ExcessMTL", "GradDrop", "MoCo"])
def test_a_part_of_the_trunk_that_serves_no_task_stays(name):
    x = keras.Input((6,))
    low = layers.Dense(4, "tanh")(x)
    both = [low, layers.Dense(5, name="idle")(low)]
    trunk = keras.Model(x, both)
    used, _ = trunk(x)
    outputs = {task: layers.Dense(2)(used) for task in ("a", "b")}
    model = MultiTaskModel(x, outputs)
    method = getattr(balancing, name)()
    model.compile("sgd", {"a": "mse", "b": "mse"}, balancing=method)
    before = to_numpy(trunk.get_layer("idle").kernel)
    learning = to_numpy(trunk.layers[1].kernel)
    truth = {"a": np.ones((8, 2)), "b": -np.ones((8, 2))}
    model.fit(X, truth, epochs=2, verbose=0)
    np.testing.assert_array_equal(trunk.get_layer("idle").kernel, before)
    assert np.abs(to_numpy(trunk.layers[1].kernel) - learning).max() > 1e-6


@pytest.mark.parametrize("name", ["MoDo", "SDMGrad"])
def test_methods_that_split_the_batch(name):
    method = getattr(balancing, name)()
    _, history = trained(method)
    assert np.isfinite(history["loss"]).all()
    weights = [history[f"{task}_weight"] for task in TASKS]
    np.testing.assert_allclose(np.sum(weights, 0), SUMS[name], rtol=1e-4)


SUMS = {"MoDo": 1.0, "SDMGrad": 1.0}


class MeanOfParts(balancing.MoDo):
    """The plain mean of the parts' gradients."""

    num_batches = 2

    def transform(self, gradients, losses, active):
        return keras.ops.mean(gradients, axis=0), keras.ops.ones_like(losses)


def test_the_mean_over_equal_parts_is_a_plain_step():
    models = []
    for method in (None, MeanOfParts()):
        model = make_model()
        model.compile(keras.optimizers.SGD(0.05), LOSSES, balancing=method)
        model.fit(X, Y, batch_size=8, verbose=0)
        models.append(model)
    assert_same_weights(*models)


def test_weights_change_from_step_to_step_in_compiled_code():
    _, history = trained(balancing.RLW(seed=0), epochs=4)
    assert len(set(history["angle_weight"])) == 4


def test_dwa_sees_the_epochs():
    _, history = trained(balancing.DWA(), epochs=4)
    weights = np.array([history[f"{task}_weight"] for task in TASKS])
    np.testing.assert_allclose(weights[:, :2], 1.0)
    assert (weights[:, 2:] != 1.0).any()
    np.testing.assert_allclose(weights.sum(0), 3.0, rtol=1e-5)


def test_uncertainties_are_trained_by_the_optimizer():
    method = balancing.UncertaintyWeighting()
    trained(method, epochs=3)
    (scales,) = [v for v in method.variables if v.trainable]
    assert (to_numpy(scales.value) != 0).all()


@pytest.mark.parametrize("at", LEVELS)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(at, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        _, history = trained(balancing.UPGrad(at=at), epochs=6)
    finally:
        keras.config.set_dtype_policy(before)
    assert np.isfinite(history["loss"]).all()
    # The first scale is too large for float16 and falls; it is taken out.
    assert 0 < history["angle_gradient_norm"][-1] < 100


def test_compiling_again_takes_the_old_state_away():
    model, _ = trained(balancing.UncertaintyWeighting())
    count = len(model.trainable_variables)
    model.compile("sgd", LOSSES)
    assert len(model.trainable_variables) == count - 1
    model.fit(X, Y, verbose=0)


class TestErrors:
    def compile(self, model=None, loss=LOSSES, method=None):
        (model or make_model()).compile(
            "sgd", loss, balancing=method or balancing.UPGrad()
        )

    def test_one_task(self):
        loss = {"angle": "mse", "depth": None, "scene": None}
        with pytest.raises(ValueError, match="at least two tasks"):
            self.compile(loss=loss)

    def test_no_method(self):
        for wrong in ("pcgrad", balancing.PCGrad):
            with pytest.raises(
                ValueError, match="method of mtvision.balancing"
            ):
                self.compile(method=wrong)

    def test_no_common_trunk(self):
        x = keras.Input((6,))
        outputs = {task: layers.Dense(3)(x) for task in TASKS}
        with pytest.raises(ValueError, match="no layer in common"):
            self.compile(MultiTaskModel(x, outputs))

    def test_a_frozen_trunk(self):
        model = make_model()
        for layer in model.layers:
            layer.trainable = layer.name == "neck" or "dense_" in layer.name
        for layer in model.layers:
            if layer.name in ("dense", "dense_1", "batch_normalization"):
                layer.trainable = False
        for call in ("dense", "dense_1"):
            model.get_layer(call).trainable = False
        with pytest.raises(ValueError, match="frozen"):
            self.compile(model)

    def test_a_method_of_other_tasks(self):
        method = balancing.PCGrad()
        method.build(2)
        with pytest.raises(ValueError, match="a new one for each model"):
            self.compile(method=method)

    @pytest.mark.parametrize("at", ["trunk", None])
    def test_an_unknown_level(self, at):
        with pytest.raises(ValueError, match="features"):
            balancing.PCGrad(at=at)

    def test_negative_losses(self):
        model = make_model()
        loss = {**LOSSES, "depth": keras.losses.CosineSimilarity()}
        model.compile("sgd", loss, balancing=balancing.GLS())
        y = {**Y, "depth": np.ones((8, 1))}
        model.get_layer("dense_3").set_weights(
            [np.ones((3, 1)), np.ones(1) * 9]
        )
        with pytest.raises(ValueError, match="'depth': GLS.*above 0"):
            model.fit(X, y, verbose=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: balancing.UPGrad(at="parameters"),
        lambda: balancing.NashMTL(at="parameters"),
        lambda: balancing.GradNorm(at="parameters"),
        lambda: balancing.MoCo(),
        lambda: balancing.MoDo(),
    ],
)
@pytest.mark.parametrize("scaled", [False, True])
def test_accumulated_gradients_are_those_of_a_large_batch(make, scaled):
    def train(batch_size, steps):
        keras.utils.set_random_seed(0)
        x = keras.Input((6,))
        neck = layers.Dense(4, "tanh")(x)
        widths = {"angle": 2, "depth": 1, "scene": 3}
        outputs = {k: layers.Dense(n)(neck) for k, n in widths.items()}
        model = MultiTaskModel(x, outputs)
        optimizer = keras.optimizers.SGD(
            0.05, gradient_accumulation_steps=steps
        )
        if scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        model.compile(optimizer, LOSSES, balancing=make())
        y = {name: truth[:6] for name, truth in Y.items()}
        history = model.fit(
            X[:6], y, batch_size=batch_size, epochs=4, shuffle=False, verbose=0
        )
        return model, history.history

    (large, expected), (small, history) = train(6, None), train(3, 2)
    for one, two in zip(large.trainable_variables, small.trainable_variables):
        np.testing.assert_allclose(
            to_numpy(one.value), to_numpy(two.value), rtol=1e-4, atol=1e-5
        )
    np.testing.assert_allclose(
        history["angle_weight"], expected["angle_weight"], rtol=1e-4
    )
    for one, two in zip(large.balancer.variables, small.balancer.variables):
        np.testing.assert_allclose(
            to_numpy(one.value), to_numpy(two.value), rtol=1e-4, atol=1e-6
        )


def test_features_of_several_batches_are_not_averaged():
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=2)
    with pytest.raises(ValueError, match=r"UPGrad\(at='parameters'\)"):
        make_model().compile(optimizer, LOSSES, balancing=balancing.UPGrad())


@pytest.mark.parametrize("at", LEVELS)
def test_an_overflow_lowers_the_scale_and_moves_nothing(at):
    model = make_model()
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.05), initial_scale=1e38
    )
    method = balancing.GradNorm(at=at)
    model.compile(
        optimizer,
        LOSSES,
        loss_weights=dict.fromkeys(TASKS, 100.0),
        balancing=method,
    )
    before = [to_numpy(v.value) for v in model.trainable_variables]
    state = [to_numpy(v.value) for v in method.variables]
    model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    after = [to_numpy(v.value) for v in model.trainable_variables]
    assert all(map(np.array_equal, before, after))
    assert float(optimizer.dynamic_scale.value) == pytest.approx(5e37)
    assert all(
        np.array_equal(a, to_numpy(v.value))
        for a, v in zip(state, method.variables)
    )


def test_dtp_reads_a_metric_of_the_validation():
    model = make_model()
    method = balancing.DTP(indicators={"scene": "val_scene_accuracy"})
    model.compile(
        "sgd", LOSSES, balancing=method, metrics={"scene": "accuracy"}
    )
    history = model.fit(X, Y, validation_data=(X, Y), epochs=2, verbose=0)
    accuracy = history.history["val_scene_accuracy"][0]
    expected = -(1 - accuracy) * np.log(accuracy)
    np.testing.assert_allclose(
        history.history["scene_weight"][1], expected, rtol=1e-4
    )


def test_constants_go_by_the_name_of_the_task():
    method = balancing.StaticWeights({"scene": 3.0, "angle": 1.0, "depth": 2.0})
    _, history = trained(method, epochs=1)
    found = [history[f"{task}_weight"][0] for task in TASKS]
    assert found == [1.0, 2.0, 3.0]


def one_step(build, method, **options):
    """A model of two tasks after one step; compile options by name."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    outputs = build(x)
    model = MultiTaskModel(x, outputs)
    optimizer = keras.optimizers.SGD(0.1)
    model.compile(
        optimizer, dict.fromkeys(outputs, "mse"), balancing=method, **options
    )
    model.fit(X, dict.fromkeys(outputs, X[:, :1]), verbose=0)
    return model


def layer_used_again(x):
    first, again = layers.Dense(6, "tanh"), layers.Dense(6, "tanh")
    trunk = again(first(x))
    return {
        "a": layers.Dense(1)(again(trunk)),
        "b": layers.Dense(1)(trunk),
    }


def indices_in_the_trunk(x):
    y = layers.Reshape((4, 2, 1))(layers.Dense(8)(x))
    values, places = mtv_layers.MaxPoolWithArgmax2D()(y)
    unpool = mtv_layers.MaxUnpool2D()
    return {
        name: layers.Dense(1)(layers.Flatten()(unpool((values, places), y)))
        for name in "ab"
    }


@pytest.mark.parametrize("at", LEVELS)
@pytest.mark.parametrize("build", [layer_used_again, indices_in_the_trunk])
def test_graphs_of_other_kinds(build, at):
    plain = one_step(build, None)
    assert_same_weights(plain, one_step(build, balancing.Sum(at=at)))
    assert np.isfinite(balancing.diagnose(plain, (X, twice(X)))[0]["share"])


def twice(x):
    return {"a": x[:, :1], "b": x[:, :1]}


def test_a_layer_that_is_all_there_is_may_be_used_again():
    def build(x):
        dense = layers.Dense(6, "tanh")
        return {"a": layers.Dense(1)(dense(dense(x))), "b": dense(x)[:, :1]}

    plain = one_step(build, None)
    balanced = one_step(build, balancing.Sum(at="parameters"))
    assert_same_weights(plain, balanced)
    with pytest.raises(ValueError, match="use at='parameters'"):
        one_step(build, balancing.Sum())


def test_diagnose_of_a_model_with_trained_scales():
    model, _ = trained(balancing.UncertaintyWeighting(), epochs=1)
    assert len(balancing.diagnose(model, (X, Y))) == len(TASKS)


@pytest.mark.parametrize("name", ["MoCo", "DBMTL", "MoDo", "ExcessMTL"])
def test_a_scale_of_the_loss_has_no_effect(name):
    def train(optimizer):
        model, history = trained(
            getattr(balancing, name)(), optimizer=optimizer, epochs=4
        )
        return model, history

    plain, expected = train(keras.optimizers.SGD(0.05))
    scaled, history = train(
        keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(0.05),
            initial_scale=1024.0,
            dynamic_growth_steps=3,
        )
    )
    for task in TASKS:
        np.testing.assert_allclose(
            history[f"{task}_weight"], expected[f"{task}_weight"], rtol=1e-3
        )
    for one, two in zip(plain.trainable_variables, scaled.trainable_variables):
        np.testing.assert_allclose(
            to_numpy(one.value), to_numpy(two.value), atol=1e-4
        )


def test_heads_learn_from_any_part_of_a_batch():
    y = {**Y, "depth": np.full((8, 1), NAN, "float32")}
    y["depth"][0] = 1.0
    model, _ = trained(balancing.MoDo(), y=y, epochs=1)
    start = make_model()
    heads = [v for v in model.trainable_variables if v.shape[-1] == 1]
    before = [v for v in start.trainable_variables if v.shape[-1] == 1]
    assert any(
        not np.array_equal(to_numpy(a.value), to_numpy(b.value))
        for a, b in zip(heads, before)
    )


@pytest.mark.parametrize("name", ["DBMTL", "GradNorm", "MoCo", "GLS"])
def test_losses_below_zero(name):
    def below(y_true, y_pred):
        return keras.losses.mean_squared_error(y_true, y_pred) - 100.0

    model = make_model()
    model.compile(
        "sgd",
        {**LOSSES, "angle": below},
        balancing=getattr(balancing, name)(),
    )
    with pytest.raises(ValueError, match=f"Task 'angle': {name}"):
        model.fit(X, Y, verbose=0)


def test_a_method_belongs_to_its_tasks_and_parameters():
    method = balancing.MoCo()
    model, _ = trained(method, epochs=1)
    model.layers[1].trainable = False
    with pytest.raises(ValueError, match="after freezing"):
        model.compile("sgd", LOSSES, balancing=method)
    constants = balancing.StaticWeights({"a": 1.0, "b": 2.0, "c": 3.0})
    constants.build_for(["a", "b", "c"], 0)
    with pytest.raises(ValueError, match=r"\['a', 'b', 'c'\]"):
        model.compile("sgd", LOSSES, balancing=constants)


def test_what_is_shown_of_training_is_not_of_validation():
    model = make_model()
    model.compile("sgd", LOSSES, balancing=balancing.Sum(), show_balancing=True)
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert "angle_weight" in history
    assert "val_angle_weight" not in history
    assert "angle_weight" not in model.evaluate(
        X, Y, verbose=0, return_dict=True
    )


def test_lists_of_callbacks_of_keras():
    model = make_model()
    model.compile("sgd", LOSSES, balancing=balancing.Sum())
    callbacks = keras.callbacks.CallbackList(model=model, add_history=True)
    model.fit(X, Y, verbose=0, callbacks=callbacks)
    model.fit(X, Y, verbose=0, callbacks=callbacks)
    names = [type(callback).__name__ for callback in callbacks.callbacks]
    assert names.count("BalancingCallback") == 1


def test_losses_below_zero_batch_by_batch():
    model = make_model()
    loss = keras.losses.MeanSquaredError()
    loss.call = lambda y_true, y_pred: keras.ops.mean(y_pred, -1) - 100.0
    model.compile("sgd", {**LOSSES, "angle": loss}, balancing=balancing.GLS())
    with pytest.raises(ValueError, match="Task 'angle': GLS"):
        model.train_on_batch(X, Y)


def test_sums_over_parts_are_sums_over_the_batch():
    losses = {**LOSSES, "angle": keras.losses.MeanSquaredError(reduction="sum")}
    models, logs = [], []
    for method in (None, MeanOfParts()):
        model = make_model()
        model.compile(keras.optimizers.SGD(0.001), losses, balancing=method)
        logs.append(model.fit(X, Y, batch_size=8, verbose=0).history)
        models.append(model)
    assert_same_weights(*models)
    np.testing.assert_allclose(
        logs[0]["angle_loss"], logs[1]["angle_loss"], rtol=1e-5
    )


def test_parts_with_weights_of_some_tasks():
    weights = {"depth": np.arange(8, dtype="float32")}
    models = []
    for sample_weight in (weights, {**weights, "scene": np.ones(8)}):
        model = make_model()
        model.compile("sgd", LOSSES, balancing=balancing.MoDo())
        batch = keras.tree.map_structure(
            keras.ops.convert_to_tensor, (X, Y, sample_weight)
        )
        model.fit(OneBatch(batch), verbose=0)
        models.append(model)
    assert_same_weights(*models)


class OneBatch(keras.utils.PyDataset):
    """One batch as it is."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.batch


def test_numbers_that_would_be_logged_under_one_name():
    x = keras.Input((6,))
    hidden = layers.Dense(4)(x)
    names = ["x", "x_y", "y_z", "z"]
    model = MultiTaskModel(x, {n: layers.Dense(1)(hidden) for n in names})
    with pytest.raises(ValueError, match="'x_y_z_cosine'.*Rename one"):
        model.compile(
            "sgd", dict.fromkeys(names, "mse"), balancing=balancing.Sum()
        )
    model = make_model()
    metric = keras.metrics.MeanSquaredError(name="weight")
    with pytest.raises(ValueError, match="'angle_weight'.*another `name`"):
        model.compile(
            "sgd", LOSSES, metrics={"angle": metric}, balancing=balancing.Sum()
        )


def test_diagnosis_of_a_task_without_labels():
    model = make_model()
    model.compile("sgd", LOSSES)
    batch = X, {**Y, "depth": np.full((8, 1), NAN, "float32")}
    rows = {r["task"]: r for r in balancing.diagnose(model, batch)}
    assert np.isnan(rows["depth"]["loss"])
    assert rows["depth"]["gradient_norm"] == 0
    assert rows["angle"]["loss"] > 0


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("UPGrad", {"smoothing": "0.5"}),
        ("CAGrad", {"c": "1"}),
        ("GradDrop", {"leak": "0"}),
        ("GradVac", {"decay": None}),
        ("UncertaintyWeighting", {"initial": "0"}),
        ("DualProj", {"preference": ["1", "2"]}),
    ],
)
def test_options_that_are_no_numbers(name, option):
    with pytest.raises(ValueError, match=f"Expected {next(iter(option))}"):
        getattr(balancing, name)(**option)
