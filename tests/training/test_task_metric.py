import keras
import numpy as np
import pytest

from mtvision.metrics import MeanIoU
from mtvision.training import task_metric
from mtvision.training.task_metric import TaskMetric

NAN = float("nan")
OUTPUT = keras.KerasTensor((None, 3))
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
BINARY = keras.losses.BinaryCrossentropy(from_logits=True)


def test_only_labelled_samples_count():
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="acc")
    metric = TaskMetric("scene", accuracy, SPARSE)
    logits = np.eye(3, dtype="float32")[[0, 1, 2, 0]]
    metric.update_state(np.array([0, 0, -1, 1]), logits)
    np.testing.assert_allclose(float(metric.result()), 1 / 3)
    metric.update_state(np.array([0, 0, 0, 0]), logits, np.array([1, 0, 0, 0]))
    np.testing.assert_allclose(float(metric.result()), 2 / 4)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_weights_scale_weighted_metrics_only():
    truth = np.array([[1.0], [4.0], [NAN]], "float32")
    weights = np.array([3.0, 1.0, 1.0], "float32")
    results = {}
    for weighted in (False, True):
        inner = keras.metrics.MeanAbsoluteError(name="mae")
        metric = TaskMetric("depth", inner, weighted=weighted)
        metric.update_state(truth, np.zeros((3, 1), "float32"), weights)
        results[metric.name] = float(metric.result())
    assert results == {"depth_mae": 2.5, "depth_weighted_mae": 1.75}


def test_keras_mean_iou_counts_labelled_pixels():
    iou = keras.metrics.MeanIoU(2, sparse_y_pred=False)
    metric = TaskMetric("mask", iou, SPARSE)
    truth = np.array([[[0, 1], [1, -1]]])
    logits = np.eye(2, dtype="float32")[[[[0, 1], [0, 0]]]]
    metric.update_state(truth, logits)
    np.testing.assert_allclose(float(metric.result()), (1 / 2 + 1 / 2) / 2)


@pytest.mark.parametrize(
    ("name", "loss", "expected"),
    [
        ("accuracy", SPARSE, keras.metrics.SparseCategoricalAccuracy),
        ("acc", BINARY, keras.metrics.BinaryAccuracy),
        (
            "accuracy",
            keras.losses.CategoricalCrossentropy(),
            keras.metrics.CategoricalAccuracy,
        ),
        ("ce", SPARSE, keras.metrics.SparseCategoricalCrossentropy),
    ],
)
def test_short_names_follow_the_loss(name, loss, expected):
    metric = task_metric.resolve("scene", name, OUTPUT, loss)
    assert type(metric) is expected
    assert metric.name == name


def test_a_metric_given_by_name_is_logged_under_it():
    assert task_metric.resolve("a", "mae", OUTPUT, None).name == "mae"


def test_binary_accuracy_of_logits_has_its_threshold_at_zero():
    metric = task_metric.resolve("a", "accuracy", OUTPUT, BINARY)
    metric.update_state([[1.0], [0.0]], [[0.2], [-0.2]])
    assert float(metric.result()) == 1.0


def test_metrics_with_late_state_are_built():
    metric = task_metric.resolve("a", keras.metrics.F1Score(), OUTPUT, None)
    assert metric.variables


def test_what_is_no_metric_names_the_task():
    class NoWeights(keras.metrics.Metric):
        def update_state(self, y_true, y_pred):
            pass

    with pytest.raises(ValueError, match="Task 'a'.*sample_weight"):
        TaskMetric("a", NoWeights(name="mine"))
    for wrong in ("no_such", 3):
        with pytest.raises(ValueError, match="Task 'a'"):
            task_metric.resolve("a", wrong, OUTPUT, None)
    with pytest.raises(ValueError, match="Task 'a'.*metric object"):
        task_metric.resolve("a", "accuracy", OUTPUT, keras.losses.Huber())


def test_a_metric_of_other_classes_names_the_task():
    output = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="Task 'mask'.*num_classes=7"):
        task_metric.resolve("mask", MeanIoU(7), output, None)
    task_metric.resolve("mask", MeanIoU(3), output, None)
