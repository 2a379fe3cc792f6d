import itertools

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import parameter_gradients, to_numpy
from batteries.models import check_model
from mtvision import MultiTaskModel

NAN = float("nan")
SPARSE = keras.losses.SparseCategoricalCrossentropy


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def make_model(heads, trunk_regularizer=None):
    """A dense trunk with one dense head of a given width for each task."""
    x = keras.Input((6,), name="x")
    trunk = keras.layers.Dense(
        5, activation="tanh", kernel_regularizer=trunk_regularizer, name="trunk"
    )(x)
    outputs = {
        name: keras.layers.Dense(width, name=f"{name}_head")(trunk)
        for name, width in heads.items()
    }
    return MultiTaskModel(x, outputs)


def two_tasks(**arguments):
    model = make_model({"scene": 3, "depth": 1})
    model.compile(
        "sgd",
        loss={"scene": SPARSE(from_logits=True), "depth": "mse"},
        **arguments,
    )
    return model


X = random(8, 6)
Y = {"scene": np.arange(8) % 3, "depth": random(8, 1)}


def test_battery():
    model = make_model({"scene": 3, "depth": 1, "binary": 1}, "l2")
    model.compile(
        keras.optimizers.Adam(0.01),
        loss={
            "depth": keras.losses.LogCosh(),
            "binary": keras.losses.BinaryCrossentropy(from_logits=True),
            "scene": SPARSE(from_logits=True),
        },
        loss_weights={"binary": 0.5, "depth": 2.0, "scene": 1.0},
        metrics={
            "scene": ["accuracy", SPARSE_TOP],
            "depth": keras.metrics.MeanAbsoluteError(name="mae"),
        },
        weighted_metrics={"binary": ["accuracy"]},
    )
    y = {**Y, "binary": np.array([0, 1, -1, 1, 0, -1, 1, 1])}
    y["depth"] = np.where(np.arange(8)[:, None] % 3, y["depth"], NAN)
    check_model(model, X, y)


SPARSE_TOP = keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")


@pytest.mark.parametrize("widths", [(1, 2, 3), (2, 2, 2)])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_routing_is_by_name_whatever_the_order(widths, order):
    """Truth c for task i at prediction 0 costs c^2 x weight."""
    names = ["zeta", "alpha", "mid"]
    widths = dict(zip(names, widths))
    value = {"zeta": 1.0, "alpha": 10.0, "mid": 100.0}
    weight = {"zeta": 1.0, "alpha": 0.5, "mid": 0.25}
    given = [names[i] for i in order]
    x = keras.Input((6,))
    outputs = {
        n: keras.layers.Dense(
            widths[n], kernel_initializer="zeros", name=f"layer{order[i]}"
        )(x)
        for i, n in enumerate(given)
    }
    model = MultiTaskModel(x, outputs)
    other = dict.fromkeys(reversed(given))
    model.compile(
        "sgd",
        loss=dict.fromkeys(names, "mse"),
        loss_weights={n: weight[n] for n in sorted(names)},
        metrics={
            n: [keras.metrics.MeanAbsoluteError(name="mae")] for n in other
        },
    )
    y = {n: np.full((8, widths[n]), value[n], "float32") for n in other}
    samples = np.ones(8, "float32")
    result = model.evaluate(
        X,
        y,
        sample_weight=dict.fromkeys(sorted(names), samples),
        verbose=0,
        return_dict=True,
    )
    for n in names:
        np.testing.assert_allclose(
            result[f"{n}_loss"], value[n] ** 2, rtol=1e-5
        )
        np.testing.assert_allclose(result[f"{n}_mae"], value[n], rtol=1e-5)
    total = sum(weight[n] * value[n] ** 2 for n in names)
    np.testing.assert_allclose(result["loss"], total, rtol=1e-5)
    model.fit(X, y, verbose=0)  # one step moves each bias to its own truth
    for i, n in enumerate(given):
        bias = to_numpy(model.get_layer(f"layer{order[i]}").bias)
        assert (bias > 0).all()
        step = 0.01 * weight[n] * 2 * value[n] / widths[n]
        np.testing.assert_allclose(bias, step, rtol=1e-4)


@pytest.mark.parametrize("missing", ["label", "weight", "both"])
def test_a_task_without_labels_moves_none_of_its_parameters(missing):
    model = two_tasks()
    y = dict(Y)
    weights = None
    if missing in ("label", "both"):
        y["depth"] = np.full((8, 1), NAN, "float32")
    if missing in ("weight", "both"):
        weights = {"depth": np.zeros(8, "float32")}
    grads = parameter_gradients(
        model, X, lambda p: model.compute_loss(X, y, p, weights)
    )
    for path, grad in grads.items():
        assert np.isfinite(grad).all(), path
        if "depth_head" in path:
            assert np.all(grad == 0), path
        else:
            assert np.abs(grad).max() > 0, path
    only = make_model({"scene": 3})
    only.compile("sgd", loss={"scene": SPARSE(from_logits=True)})
    for layer in ("trunk", "scene_head"):
        only.get_layer(layer).set_weights(model.get_layer(layer).get_weights())
    expected = parameter_gradients(
        only, X, lambda p: only.compute_loss(X, {"scene": y["scene"]}, p)
    )
    for path, grad in expected.items():
        np.testing.assert_allclose(grads[path], grad, rtol=1e-5, atol=1e-7)


def test_missing_samples_are_as_if_they_were_not_there():
    model = two_tasks()
    known = np.array([1, 0, 1, 1, 0, 0, 1, 0], bool)
    y = {**Y, "scene": np.where(known, Y["scene"], -1)}
    holes = parameter_gradients(model, X, lambda p: model.compute_loss(X, y, p))
    head = [path for path in holes if "scene_head" in path]
    part = {k: v[known] for k, v in y.items()}
    fewer = parameter_gradients(
        model, X[known], lambda p: model.compute_loss(X[known], part, p)
    )
    assert len(head) == 2
    for path in head:
        np.testing.assert_allclose(holes[path], fewer[path], rtol=1e-5)


def test_nan_placeholders_never_reach_the_trunk_in_fit():
    model = two_tasks(metrics={"scene": "accuracy"})
    nothing = {
        "scene": np.full(8, -1),
        "depth": np.full((8, 1), NAN, "float32"),
    }
    before = model.get_weights()
    history = model.fit(X, nothing, epochs=2, verbose=0).history
    assert all(v == [0.0, 0.0] for v in history.values())
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)


def test_a_dict_of_fields_reaches_the_loss_as_it_is():
    @keras.saving.register_keras_serializable(package="mtvision_tests")
    class Scaled(keras.losses.Loss):
        def call(self, y_true, y_pred):
            error = keras.ops.abs(y_true["value"] - y_pred)
            return y_true["scale"] * keras.ops.mean(error, axis=-1)

    model = make_model({"scene": 3, "depth": 1})
    model.compile(
        "sgd", loss={"scene": SPARSE(from_logits=True), "depth": Scaled()}
    )
    y = {**Y, "depth": {"value": random(8, 1), "scale": np.ones(8, "float32")}}
    model.fit(X, y, verbose=0)
    y["depth"]["value"] = to_numpy(model(X)["depth"]) + 2
    y["depth"]["scale"] = np.arange(8, dtype="float32")
    weights = {"depth": np.array([0, 0, 0, 1, 0, 0, 0, 1], "float32")}
    result = model.evaluate(
        X, y, sample_weight=weights, verbose=0, return_dict=True
    )
    np.testing.assert_allclose(result["depth_loss"], 2 * (3 + 7) / 2, rtol=1e-4)


def test_regularisation_is_added_once():
    model = make_model({"depth": 1}, keras.regularizers.L2(0.1))
    model.compile("sgd", loss={"depth": "mse"})
    result = model.evaluate(
        X, {"depth": Y["depth"]}, verbose=0, return_dict=True
    )
    kernel = to_numpy(model.get_layer("trunk").kernel)
    np.testing.assert_allclose(
        result["loss"],
        result["depth_loss"] + 0.1 * np.square(kernel).sum(),
        rtol=1e-5,
    )


def test_one_weight_for_all_tasks_and_validation_with_weights():
    model = two_tasks()
    weight = np.array([1, 1, 0, 0, 0, 0, 0, 0], "float32")
    partial = {"depth": weight}
    history = model.fit(
        X, Y, sample_weight=weight, validation_data=(X, Y, partial), verbose=0
    ).history
    result = model.evaluate(
        X[:2], {k: v[:2] for k, v in Y.items()}, verbose=0, return_dict=True
    )
    np.testing.assert_allclose(
        history["val_depth_loss"][0], result["depth_loss"], rtol=1e-4
    )


def test_a_plain_keras_model_takes_the_same_steps():
    """No missing labels: the same as Keras, to rounding."""
    ours = two_tasks(loss_weights={"scene": 2.0, "depth": 0.5})
    plain = keras.Model(ours.inputs, ours.output)
    weights = ours.get_weights()
    ours.fit(X, Y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    after = ours.get_weights()
    plain.set_weights(weights)
    plain.compile(
        "sgd",
        loss={"scene": SPARSE(from_logits=True), "depth": "mse"},
        loss_weights={"scene": 2.0, "depth": 0.5},
    )
    plain.fit(X, Y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    for a, b in zip(after, plain.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_several_inputs():
    image = keras.Input((4, 4, 3), name="image")
    meta = keras.Input((2,), name="meta")
    features = keras.layers.Concatenate()([keras.layers.Flatten()(image), meta])
    model = MultiTaskModel(
        {"image": image, "meta": meta},
        {"price": keras.layers.Dense(1)(features)},
    )
    model.compile("sgd", loss={"price": "mse"}, loss_weights={"price": 2.0})
    x = {"image": random(8, 4, 4, 3), "meta": random(8, 2)}
    check_model(model, x, {"price": random(8, 1)})


@pytest.mark.parametrize(
    "options",
    [
        {"jit_compile": True},
        {"run_eagerly": True},
        {"steps_per_execution": 2},
    ],
)
def test_the_ways_to_run_agree(options):
    backend = keras.backend.backend()
    if backend == "torch" and "run_eagerly" not in options:
        pytest.skip("Keras runs PyTorch eagerly, one step at a time")
    plain = two_tasks(jit_compile=False)
    other = two_tasks(**options)
    other.set_weights(plain.get_weights())
    fit = {"batch_size": 2, "epochs": 2, "shuffle": False, "verbose": 0}
    a, b = plain.fit(X, Y, **fit).history, other.fit(X, Y, **fit).history
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=1e-4)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = two_tasks(metrics={"scene": "accuracy"})
    finally:
        keras.config.set_dtype_policy("float32")
    y = {**Y, "depth": np.where(np.arange(8)[:, None] % 2, Y["depth"], NAN)}
    history = model.fit(X, y, epochs=3, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())
    assert history["loss"][-1] < history["loss"][0]


def test_fit_takes_keras_data_sets_of_any_kind():
    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            part = slice(4 * index, 4 * index + 4)
            y = {k: v[part] for k, v in Y.items()}
            return X[part], y, {"depth": np.ones(4, "float32")}

    model = two_tasks()
    history = model.fit(Data(), validation_data=Data(), verbose=0).history
    assert set(history) == {
        *("loss", "scene_loss", "depth_loss"),
        *("val_loss", "val_scene_loss", "val_depth_loss"),
    }


def test_logs_name_every_task_and_the_progress_bar_shows_them(capsys):
    model = two_tasks(metrics={"depth": keras.metrics.MeanIoU(2)})
    model.compile(
        "sgd",
        loss={"scene": SPARSE(from_logits=True), "depth": "mse"},
        metrics={"scene": "accuracy"},
    )
    model.fit(X, Y, verbose=1)
    shown = capsys.readouterr().out
    for name in ("loss", "scene_loss", "depth_loss", "scene_accuracy"):
        assert f"{name}: " in shown


def test_it_stays_functional():
    model = two_tasks()
    lines = []
    model.summary(print_fn=lines.append)
    assert "scene_head" in "\n".join(lines)
    clone = keras.models.clone_model(model)
    assert type(clone) is MultiTaskModel
    assert clone.task_names == model.task_names == ["depth", "scene"]
    assert set(model.predict(X, verbose=0)) == {"scene", "depth"}


def test_compile_arguments_survive_saving(tmp_path):
    model = two_tasks(
        loss_weights={"scene": 0.25, "depth": 4.0},
        metrics={"scene": "accuracy"},
        weighted_metrics={"depth": [keras.metrics.MeanSquaredError()]},
        auto_scale_loss=False,
        steps_per_execution=1,
        jit_compile=False,
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.get_compile_config() == model.get_compile_config()
    assert loaded.metrics_names == model.metrics_names


def test_an_output_may_go_untrained():
    model = make_model({"scene": 3, "extra": 2})
    model.compile(
        "sgd",
        loss={"scene": SPARSE(from_logits=True), "extra": None},
        loss_weights={"scene": 1.0},
    )
    history = model.fit(X, {"scene": Y["scene"]}, verbose=0).history
    assert set(history) == {"loss", "scene_loss"}


MSE = {"scene": "mse", "depth": "mse"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "mse"}, "`loss` to be a dict keyed by task"),
        ({"loss": ["mse", "mse"]}, "`loss` to be a dict"),
        ({"loss": None}, "`loss` to be a dict"),
        ({"loss": {"scene": "mse"}}, "`loss` lacks the task 'depth'"),
        ({"loss": {**MSE, "dept": "mse"}}, "'dept'.*mean 'depth'"),
        ({"loss": {"scene": None, "depth": None}}, "at least one task"),
        ({"loss": MSE, "loss_weights": [1, 2]}, "`loss_weights` to be a dict"),
        ({"loss": MSE, "loss_weights": {"scene": 1}}, "lacks the task 'depth'"),
        (
            {"loss": MSE, "loss_weights": {"scene": 1, "typo": 3}},
            "'typo', which does not exist",
        ),
        ({"loss": MSE, "metrics": ["mae"]}, "`metrics` to be a dict"),
        ({"loss": MSE, "metrics": {"typo": "mae"}}, "`metrics` names .*'typo'"),
        ({"loss": MSE, "metrics": {"depth": ["mae", "mae"]}}, "two metrics"),
    ],
)
def test_wrong_compile_arguments_name_task_and_remedy(arguments, message):
    model = make_model({"scene": 3, "depth": 1})
    with pytest.raises(ValueError, match=message):
        model.compile("sgd", **arguments)


def test_two_tasks_may_not_share_one_metric_object():
    metric = keras.metrics.MeanAbsoluteError()
    model = make_model({"scene": 3, "depth": 1})
    with pytest.raises(ValueError, match="share one metric object"):
        model.compile(
            "sgd", loss=MSE, metrics={"scene": metric, "depth": metric}
        )


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ({"scene": Y["scene"]}, {}, "`y` lacks the task 'depth'"),
        ({**Y, "typo": Y["depth"]}, {}, "`y` names the task 'typo'"),
        (Y, {"sample_weight": {"typo": np.ones(8)}}, "names the task 'typo'"),
        (
            Y,
            {"sample_weight": [np.ones(8)] * 2},
            "`sample_weight` to be a dict",
        ),
        (Y, {"class_weight": {0: 2.0}}, "class_weight"),
        ({**Y, "scene": np.arange(8)}, {}, "'scene': sample 3 .*class 3"),
        ({**Y, "depth": np.full((8, 1), np.inf)}, {}, "'depth'.*sample 0"),
        ({**Y, "depth": random(8, 2)}, {}, r"'depth'.*\(8, 1\)|'depth'.*, 1"),
        ([Y["scene"], Y["depth"]], {}, "`y` to be a dict"),
    ],
)
def test_wrong_data_names_task_and_sample(y, options, message):
    with pytest.raises(ValueError, match=message):
        two_tasks().fit(X, y, batch_size=8, verbose=0, **options)


def test_non_finite_inputs_name_the_sample():
    x = X.copy()
    x[5, 2] = NAN
    with pytest.raises(ValueError, match="sample 5 holds NaN"):
        two_tasks().fit(x, Y, verbose=0)
    with pytest.raises(ValueError, match="sample 5 holds NaN"):
        two_tasks().evaluate(x, Y, verbose=0)


def test_outputs_must_be_named():
    x = keras.Input((6,))
    y = keras.layers.Dense(1)(x)
    with pytest.raises(ValueError, match="`outputs` to be a dict"):
        MultiTaskModel(x, [y])
    with pytest.raises(ValueError, match="'a': expected one output"):
        MultiTaskModel(x, {"a": {"b": y}})


@pytest.mark.parametrize(
    ("weight", "message"),
    [({"depth": np.full(8, NAN)}, "'depth'.*sample 0"), (-np.ones(8), "0 or")],
)
def test_sample_weights_must_be_finite_and_not_negative(weight, message):
    with pytest.raises(ValueError, match=message):
        two_tasks().fit(X, Y, sample_weight=weight, verbose=0)


def test_single_batches_are_checked_too():
    model = two_tasks()
    assert np.isfinite(model.train_on_batch(X, Y)[0])
    assert np.isfinite(model.test_on_batch(X, Y)[0])
    with pytest.raises(ValueError, match="sample 0 holds NaN"):
        model.train_on_batch(X * NAN, Y)
    with pytest.raises(ValueError, match="'scene': sample 0 has the class -2"):
        model.test_on_batch(X, {**Y, "scene": Y["scene"] - 2})


def test_the_range_of_classes_is_checked_for_our_own_losses():
    model = make_model({"scene": 3})
    model.compile("sgd", loss={"scene": mtv.tasks.ClassificationLoss()})
    with pytest.raises(ValueError, match="sample 4 has the class 3"):
        model.fit(X, {"scene": np.array([0, 1, 2, -1, 3, 0, 0, 0])})


def test_a_mistake_in_the_data_does_not_harm_the_model():
    class Wrong(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return X, {"scene": Y["scene"], "depth": random(8, 7)}

    model = two_tasks()
    before = model.get_weights()
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match="'depth'"):
            call(Wrong(), verbose=0)
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"][0])


def test_truth_must_come_with_the_inputs():
    with pytest.raises(ValueError, match="`y` to be a dict"):
        two_tasks().evaluate(X, verbose=0)
    with pytest.raises(ValueError, match="at least one"):
        two_tasks().evaluate(X[:0], {k: v[:0] for k, v in Y.items()})


@pytest.mark.parametrize("name", ["fit", "train_on_batch", "evaluate"])
def test_before_compile(name):
    x = keras.Input((3,))
    model = MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
    with pytest.raises(ValueError, match="Call `compile` before"):
        getattr(model, name)(np.ones((4, 3)), {"a": np.ones((4, 1))})
