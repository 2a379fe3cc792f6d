"""A step that is left out is as if its batch had not been there."""

import contextlib
import math
import warnings

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import without_xla
from mtvision.training.guarding.step_guard import loses_finite

BATCH, GOOD = 4, 5
RNG = np.random.default_rng(0)
X = RNG.normal(size=(GOOD * BATCH, 6)).astype("float32")
Y = {k: RNG.normal(size=(len(X), 1)).astype("float32") for k in "ab"}
METHODS = [
    lambda: None,
    lambda: mtv.balancing.PCGrad(seed=1),
    lambda: mtv.balancing.MoCo(),
    lambda: mtv.balancing.DWA(window=2),
]


class TooMuch(keras.layers.Layer):
    """Adds an infinite loss for numbers above 50."""

    def call(self, x):
        highest = keras.ops.max(x)
        self.add_loss(keras.ops.where(highest > 50, math.inf, 0.0))
        return x


def make_model(balancing=None, *, use_ema=True, add_loss=False, **options):
    keras.utils.set_random_seed(7)
    x = keras.Input((6,), name="image")
    features = TooMuch()(x) if add_loss else x
    features = keras.layers.Dense(8, activation="tanh")(features)
    features = keras.layers.BatchNormalization()(features)
    features = keras.layers.Dropout(0.3)(features)
    outputs = {name: keras.layers.Dense(1)(features) for name in "ab"}
    model = mtv.MultiTaskModel(x, outputs)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 1, 0.9)
    model.compile(
        keras.optimizers.Adam(schedule, weight_decay=0.01, use_ema=use_ema),
        {"a": "mse", "b": "mse"},
        metrics={"a": "mae", "b": "mae"},
        balancing=balancing,
        **(without_xla() | options),
    )
    return model


def fit(model, x, y, **options):
    keras.utils.set_random_seed(3)  # PyTorch's dropout draws from its seed.
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0} | options
    return model.fit(x, y, **options).history


def with_batch(x, y, place, *, pixel=None, **truths):
    """Data with one batch more, whose pixel and truths are as given."""
    rows = slice(0, BATCH)
    start = place * BATCH
    more = x[rows].copy()
    if pixel is not None:
        more[1, 2] = pixel
    wrong = {
        k: np.full_like(v[rows], truths[k]) if k in truths else v[rows]
        for k, v in y.items()
    }
    joined = np.insert(x, start, more, axis=0)
    return joined, {
        k: np.insert(v, start, wrong[k], axis=0) for k, v in y.items()
    }


def everything(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [to_numpy(variable.value) for variable in variables]


def check_equal(model, other):
    for one, two in zip(everything(model), everything(other), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


@contextlib.contextmanager
def left_out(expected):
    """Expects a warning that holds a text."""
    with pytest.warns(UserWarning, match=expected):
        yield


@pytest.mark.parametrize("make", METHODS)
def test_skipped_steps_leave_nothing(make):
    expected, model = (make_model(make(), on_non_finite="skip") for _ in "xy")
    history = fit(expected, X, Y)
    x, y = with_batch(X, Y, 0, b=3e38)
    x, y = with_batch(x, y, 3, pixel=math.inf)
    x, y = with_batch(x, y, 7, a=math.nan, b=math.nan)
    with left_out(r"Epoch 1: .* 3 of 8 steps were skipped as a whole"):
        found = fit(model, x, y)
    check_equal(model, expected)
    assert found.keys() == history.keys()
    for name in history:
        np.testing.assert_allclose(found[name], history[name], rtol=1e-4)
    assert {row["cause"] for row in model.left_out_steps} >= {"b", "no label"}


# Of 1e22, the loss is infinite and the gradient is not; of 1e19, the inner
# product alone.
@pytest.mark.parametrize("truth", [3e38, 1e22, 1e19])
@pytest.mark.parametrize(
    ("make", "choice"),
    [
        (METHODS[1], None),
        (METHODS[2], "mask"),
        (lambda: mtv.balancing.CAGrad(at="parameters"), None),
        (lambda: mtv.balancing.MoDo(), None),
    ],
)
def test_a_masked_task_is_as_if_its_labels_lacked(make, choice, truth):
    expected, model = (make_model(make(), on_non_finite=choice) for _ in "xy")
    history = fit(expected, *with_batch(X, Y, 2, b=math.nan))
    with left_out("task 'b' was not finite in 1 of 6 steps, first in step 3"):
        found = fit(model, *with_batch(X, Y, 2, b=truth))
    check_equal(model, expected)
    for name in ("a_loss", "b_loss", "a_mae", "b_mae"):
        np.testing.assert_allclose(found[name], history[name], rtol=1e-4)
    assert found["b_broken_gradients"] == [1]
    row = {"epoch": 1, "cause": "b", "steps": 1, "first_step": 3, "skipped": 0}
    assert model.left_out_steps == [row]


def test_without_gradients_of_tasks_the_whole_step_is_left_out():
    expected, model = (make_model(jit_compile="auto") for _ in "xy")
    fit(expected, X, Y)
    with left_out("1 of 6 steps were skipped"):
        fit(model, *with_batch(X, Y, 3, a=-3e38))
    check_equal(model, expected)


def test_no_label_at_all_is_told_of():
    model = make_model()
    with left_out("no label of any task in 1 of 6 steps, first in step 1"):
        fit(model, *with_batch(X, Y, 0, a=math.nan, b=math.nan))


def test_raise_ends_before_the_step():
    options = {"on_non_finite": "raise", "use_ema": False}
    expected, model = (make_model(**options) for _ in "xy")
    fit(expected, X[: 2 * BATCH], {k: v[: 2 * BATCH] for k, v in Y.items()})
    with pytest.raises(ValueError, match="Epoch 1: .*'b'.* step 3"):
        fit(model, *with_batch(X, Y, 2, b=3e38))
    check_equal(model, expected)


@pytest.mark.parametrize("choice", [None, "raise"])
def test_arrays_that_are_not_finite_are_an_error(choice):
    model = make_model(on_non_finite=choice)
    with pytest.raises(ValueError, match="'image'.*sample 9"):
        fit(model, *with_batch(X, Y, 2, pixel=math.inf))


def test_validation_data_must_be_finite():
    model = make_model(on_non_finite="skip")
    bad = with_batch(X, Y, 0, pixel=math.nan)
    with pytest.raises(
        ValueError, match="Validation data: .*'image'.*sample 1"
    ):
        fit(model, X, Y, validation_data=bad)


def test_what_no_step_has_measured_is_nan():
    model = make_model()
    with left_out("5 of 5 steps were skipped"):
        history = fit(model, X, {"a": Y["a"], "b": np.full_like(Y["b"], 3e38)})
    assert {k for k, v in history.items() if math.isnan(v[0])} == {
        *("loss", "b_loss", "b_mae", "a_loss", "a_mae")
    }


def test_infinite_slope_at_a_finite_loss():
    x = keras.Input((2,))
    model = mtv.MultiTaskModel(x, {"y": keras.layers.Dense(1)(x)})
    root = lambda y, z: keras.ops.sqrt(keras.ops.abs(y - z))  # noqa: E731
    model.compile("sgd", {"y": root})
    kernel = np.ones((2, 1), "float32")
    model.layers[-1].set_weights([kernel, np.zeros(1, "float32")])
    data = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
    with left_out("losses were finite, a weight"):
        fit(model, data, {"y": data.sum(1, keepdims=True)})
    np.testing.assert_array_equal(to_numpy(model.layers[-1].kernel), kernel)


class Extreme(keras.layers.Layer):
    """Keeps the least value, infinite at first; for `always`, for ever."""

    def build(self, shape):
        infinite = keras.initializers.Constant(math.inf)
        self.least = self.add_weight(
            shape=(), initializer=infinite, trainable=False
        )
        self.always = self.add_weight(
            shape=(), initializer=infinite, trainable=False
        )

    def call(self, x):
        self.least.assign(keras.ops.minimum(self.least, keras.ops.min(x)))
        return x


def test_what_was_never_finite_may_stay_so():
    x = keras.Input((6,))
    layer = Extreme()
    model = mtv.MultiTaskModel(x, {"a": keras.layers.Dense(1)(layer(x))})
    model.compile("sgd", {"a": "mse"})
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Epoch")
        fit(model, X, {"a": Y["a"]})
    assert float(layer.least) == X.min()


def test_train_on_batch_warns():
    model = make_model()
    before = everything(model)
    with left_out("Batch: .*'a'"):
        y = {"a": np.full((BATCH, 1), 3e38), "b": Y["b"][:BATCH]}
        logs = model.train_on_batch(X[:BATCH], y, return_dict=True)
    assert {k for k, v in logs.items() if math.isnan(v)} == {
        *("loss", "a_loss", "b_loss", "a_mae", "b_mae")
    }
    assert model.left_out_steps == []
    for one, two in zip(everything(model)[: len(before)], before):
        np.testing.assert_array_equal(one, two)


def test_logs_of_a_skipped_batch_are_nan_and_an_epoch_broken_off_is_kept():
    """As after Ctrl-C."""
    model = make_model(on_non_finite="skip")
    losses = []

    def stop_in_time(batch, logs):
        losses.append(logs["a_loss"])
        if batch == 2:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_train_batch_end=stop_in_time)
    with pytest.raises(KeyboardInterrupt):
        fit(model, *with_batch(X, Y, 0, b=3e38), callbacks=[stop])
    assert [math.isnan(loss) for loss in losses] == [True, False, False]
    row = {"epoch": 1, "cause": "b", "steps": 1, "first_step": 1, "skipped": 1}
    assert model.left_out_steps == [row]


def test_saved_and_loaded(tmp_path):
    model = make_model(on_non_finite="skip")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config()["on_non_finite"] == "skip"
    with left_out("skipped"):
        fit(loaded, *with_batch(X, Y, 2, b=3e38))


def test_unknown_choices_are_refused():
    with pytest.raises(ValueError, match="'stop'"):
        make_model(on_non_finite="stop")


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras makes one at a time"
)
def test_several_steps_at_once():
    expected, model = make_model(), make_model(steps_per_execution=2)
    fit(expected, X, Y)
    with left_out("1 of 6 steps"):
        fit(model, *with_batch(X, Y, 2, b=3e38))
    check_equal(model, expected)


def test_raise_takes_one_step_at_a_time():
    with pytest.raises(ValueError, match="steps_per_execution=1, received 2"):
        make_model(on_non_finite="raise", steps_per_execution=2)


def test_the_same_is_told_of_again():
    model = make_model()
    y = {"a": np.full((BATCH, 1), 3e38), "b": Y["b"][:BATCH]}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(2):
            model.train_on_batch(X[:BATCH], y)
    assert sum("Batch: " in str(one.message) for one in told) == 2


@pytest.mark.parametrize("make", METHODS[:2])
def test_losses_of_layers_count(make):
    expected, model = (
        make_model(make(), on_non_finite="skip", add_loss=True) for _ in "xy"
    )
    fit(expected, X, Y)
    with left_out("losses were finite, a weight or another number"):
        fit(model, *with_batch(X, Y, 2, pixel=99.0))
    check_equal(model, expected)


def test_the_total_is_that_of_the_tasks_that_are_left():
    model = make_model(METHODS[1]())
    with left_out("task 'b' was not finite in 5 of 5"):
        history = fit(model, X, {"a": Y["a"], "b": np.full_like(Y["b"], 3e38)})
    np.testing.assert_allclose(history["loss"], history["a_loss"], rtol=1e-5)
    assert math.isnan(history["b_loss"][0])


class OwnStep(mtv.MultiTaskModel):
    """Makes its steps by itself, which are none here."""

    def train_step(self, *args):
        logs = {"loss": keras.ops.zeros(())}
        return (logs, args[0]) if len(args) > 1 else logs


def test_own_steps_that_are_not_looked_at_are_told_of():
    x = keras.Input((6,))
    model = OwnStep(x, {"a": keras.layers.Dense(1)(x)})
    model.compile("sgd", {"a": "mse"}, on_non_finite="skip", **without_xla())
    with left_out("on_non_finite='skip' has no effect"):
        fit(model, X, {"a": Y["a"]})


def test_a_scale_that_does_not_help_is_told_of():
    x = keras.Input((6,))
    scaled = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(), initial_scale=4.0
    )
    model = mtv.MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
    slope = lambda y, z: y - z + keras.ops.sqrt(0.0 * z)  # noqa: E731
    model.compile(scaled, {"a": slope}, auto_scale_loss=False, **without_xla())
    with left_out("gradients are not finite, however small"):
        fit(model, X, {"a": Y["a"]})


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ([1.0, 2.0], [3.0, 3e38], False),
        ([1.0, 2.0], [math.nan, 3.0], True),
        ([1.0, 2.0], [1.0, -math.inf], True),
        ([math.inf, 2.0], [math.nan, 2.0], False),
        ([math.inf, 2.0], [1.0, math.inf], True),
    ],
)
def test_loses_finite(before, after, lost):
    pairs = [
        [np.array(values, dtype) for dtype in ("float32", "float16")]
        + [np.array([1], "int32")]
        for values in (np.clip(before, -6e4, 6e4), after)
    ]
    pairs[0][0] = np.array(before, "float32")
    tensors = [[keras.ops.convert_to_tensor(a) for a in p] for p in pairs]
    tensors[0][1] = keras.ops.convert_to_tensor(np.array(before, "float16"))
    with np.errstate(over="ignore"):
        half = np.array(after, "float16")
    half[np.abs(half) == np.inf] = 1.0 if not lost else np.inf
    tensors[1][1] = keras.ops.convert_to_tensor(half)
    assert bool(loses_finite(*tensors)) == lost
