import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mtvision as mtv
from batteries.backend import gradient, to_numpy
from batteries.properties import cases
from mtvision.training import shapes
from mtvision.training.task_loss import TaskLoss

NAN = float("nan")
LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def value(loss, y_true, y_pred, sample_weight=None):
    return float(TaskLoss("t", loss)(y_true, y_pred, sample_weight))


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("loss", "y_true", "shape"),
    [
        ("mse", random(4, 3), (4, 3)),
        ("huber", random(4, 5, 5, 1), (4, 5, 5, 1)),
        (LOGITS, np.array([0, 2, 1, 1]), (4, 3)),
        (LOGITS, np.array([[0], [2], [1], [1]]), (4, 3)),
        (LOGITS, np.arange(64).reshape(4, 4, 4) % 3, (4, 4, 4, 3)),
        (keras.losses.MeanSquaredError("sum"), random(4, 3), (4, 3)),
        (
            keras.losses.MeanSquaredError("mean_with_sample_weight"),
            random(4, 3),
            (4, 3),
        ),
        (keras.losses.Dice(axis=(1, 2, 3)), random(4, 5, 5, 1), (4, 5, 5, 1)),
    ],
)
def test_equals_keras_where_every_label_is_there(loss, y_true, shape):
    y_pred = random(*shape)
    expected = keras.losses.get(loss)
    reference = to_numpy(keras.ops.mean(expected(y_true, y_pred)))
    np.testing.assert_allclose(
        value(loss, y_true, y_pred), reference, rtol=1e-5
    )


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_equals_keras_with_sample_weights(reduction):
    loss = keras.losses.MeanSquaredError(reduction=reduction)
    y_true, y_pred = random(4, 3), random(4, 3)[::-1]
    weight = np.array([0.5, 0.0, 2.0, 1.0], "float32")
    np.testing.assert_allclose(
        value(loss, y_true, y_pred, weight),
        float(loss(y_true, y_pred, weight)),
        rtol=1e-5,
    )


@given(st.lists(st.booleans(), min_size=5, max_size=5))
@cases(10)
def test_mean_is_over_the_labelled_samples(known):
    """Leaving samples out in any of the three ways is the same."""
    known = np.array(known)
    y_pred, y_true = random(5, 1), np.arange(5, dtype="float32")[:, None]
    some = known.any()
    expected = np.square(y_pred - y_true)[known].mean() if some else 0.0
    holes = np.where(known[:, None], y_true, np.float32(NAN))
    ones = known.astype("float32")
    np.testing.assert_allclose(value("mse", holes, y_pred), expected, 1e-5)
    for truth in (y_true, holes):
        for weight in (ones, ones[:, None]):
            result = value("mse", truth, y_pred, weight)
            np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_mean_over_classes_leaves_out_minus_one():
    y_pred = random(3, 4)
    expected = value(LOGITS, np.array([1, 2]), y_pred[:2])
    for dtype in ("int32", "int64", "float32"):
        y_true = np.array([1, 2, -1], dtype)
        np.testing.assert_allclose(
            value(LOGITS, y_true, y_pred), expected, rtol=1e-5
        )


def test_mean_over_pixels_leaves_out_unlabelled_ones():
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=255
    )
    y_pred = random(2, 4, 4, 3)
    y_true = np.full((2, 4, 4), 255)
    y_true[0, 0, :2] = [1, 2]
    y_true[0, 1, 0] = -1
    expected = value(LOGITS, y_true[0, :1, :2], y_pred[0, :1, :2])
    np.testing.assert_allclose(value(loss, y_true, y_pred), expected, rtol=1e-5)


def test_dict_truth_is_missing_where_any_field_is_nan():
    class Sum(keras.losses.Loss):
        def call(self, y_true, y_pred):
            box = keras.ops.sum(y_true["box"], axis=-1)
            return box * keras.ops.sum(y_pred, axis=-1)

    truth = {
        "box": np.array([[1.0, 2.0], [NAN, 1.0], [3.0, 3.0]], "float32"),
        "classes": np.array([[1, -1], [1, 1], [-1, -1]]),
    }
    assert value(Sum(), truth, np.ones((3, 1), "float32")) == (3 + 6) / 2


def test_a_loss_of_ones_own_may_compare_what_it_likes():
    class First(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return y_true[:, 0] * y_pred[:, 0]

    assert value(First(), random(4, 3), random(4, 2)) != 0


@pytest.mark.parametrize(
    "loss",
    ["mse", mtv.losses.SmoothL1(), mtv.losses.Wing()],
)
def test_an_infinite_label_shows(loss):
    """Arrays with one are an error; else a step that is left out is told."""
    truth, y_pred = random(3, 2), random(3, 2)
    truth[1] = np.inf
    assert not np.isfinite(value(loss, truth, y_pred))


@pytest.mark.parametrize(
    ("loss", "truth"),
    [
        (mtv.losses.BinaryFocal(), np.float32([[1, 0], [7, np.inf]])),
        (
            mtv.tasks.ClassificationLoss(multi_label=True),
            np.float32([[1, 0], [-np.inf, 1e30]]),
        ),
    ],
)
def test_a_share_out_of_range_that_nobody_checked_is_none(loss, truth):
    y_pred = random(2, 2)
    expected = value(loss, truth[:1], y_pred[:1])
    np.testing.assert_allclose(value(loss, truth, y_pred), expected, 1e-6)
    slope = gradient(lambda p: TaskLoss("t", loss)(truth, p), y_pred)
    assert np.isfinite(slope).all()
    assert not slope[1].any()


def test_fields_of_different_numbers_of_samples_are_named():
    loss = mtv.tasks.DetectionLoss()
    truth = {"boxes": np.zeros((4, 2, 4)), "classes": np.zeros((3, 2))}
    message = r"Task 't', field 'classes': the truth has 3 samples, the "
    with pytest.raises(ValueError, match=message + "prediction 4"):
        value(loss, truth, random(4, 16, 11))
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, truth)
    symbol = keras.KerasTensor((None, 16, 11))
    with pytest.raises(ValueError, match=message + "field 'boxes' 4"):
        shapes.check_pair("t", loss, tensors, symbol)


def test_a_loss_may_say_itself_what_is_labelled():
    class Positive(keras.losses.Loss):
        def labelled(self, y_true):
            return y_true[:, 0] > 0

        def call(self, y_true, y_pred):
            return keras.ops.sum(y_true * y_pred, axis=-1)

    truth = np.array([[-5.0], [2.0], [4.0], [NAN]], "float32")
    assert value(Positive(), truth, np.ones((4, 1), "float32")) == 3.0


def test_gradient_is_exactly_zero_without_a_label():
    def distance(y_true, y_pred):  # slope is NaN at zero distance
        squares = keras.ops.square(y_true - y_pred)
        return keras.ops.sqrt(keras.ops.sum(squares, axis=-1))

    y_true = np.array([[1.0, 1.0], [NAN, NAN]], "float32")
    y_pred = np.array([[4.0, 5.0], [0.0, 0.0]], "float32")
    loss = TaskLoss("t", distance)
    slope = gradient(lambda p: loss(keras.ops.array(y_true), p), y_pred)
    np.testing.assert_allclose(slope, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)


def test_nothing_labelled_is_zero():
    y_pred = random(2, 3)
    assert value(LOGITS, np.array([-1, -1]), y_pred) == 0.0
    slope = gradient(
        lambda p: TaskLoss("t", LOGITS)(keras.ops.array([-1, -1]), p), y_pred
    )
    assert np.all(slope == 0.0)


def test_tracker_averages_over_labelled_samples_of_all_batches():
    loss = TaskLoss("t", "mse")
    ones = np.ones((3, 1), "float32")
    loss(np.array([[1.0], [NAN], [NAN]], "float32"), ones)
    loss(np.array([[3.0], [3.0], [3.0]], "float32"), ones)
    loss(np.array([[NAN], [NAN], [NAN]], "float32"), ones)
    assert loss.tracker.name == "t_loss"
    np.testing.assert_allclose(float(loss.tracker.result()), (0 + 3 * 4) / 4)


@pytest.mark.parametrize(
    ("loss", "y_true", "y_pred", "message"),
    [
        ("mse", random(4, 3), random(4, 1), r"'depth'.*\(4, 1\).*\(4, 3\)"),
        ("mse", random(3, 1), random(4, 1), "3 samples, the prediction 4"),
        (LOGITS, np.zeros((4, 2), "int32"), random(4, 3), r"shape \(4,\)"),
        (lambda t, p: keras.ops.mean(t - p), random(4), random(4), "scalar"),
        (lambda t, p: 1 / 0, random(4), random(4), "'depth'.*division"),
        (keras.losses.Dice(), random(4, 1), random(4, 1), "one value"),
    ],
)
def test_what_does_not_fit_names_the_task(loss, y_true, y_pred, message):
    with pytest.raises(ValueError, match=message) as error:
        TaskLoss("depth", loss)(y_true, y_pred)
    assert "'depth'" in str(error.value)


@pytest.mark.parametrize(
    "loss",
    ["no_such", 3, keras.losses.MeanSquaredError(reduction=None)],
)
def test_what_is_no_loss_names_the_task(loss):
    with pytest.raises(ValueError, match="Task 'depth'"):
        TaskLoss("depth", loss)
