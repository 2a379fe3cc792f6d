import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision import MultiTaskModel
from mtvision.losses import CategoricalFocal, Dice, WeightedSum
from mtvision.tasks.segmentation import SegmentationLoss

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(3, 4, 5, 3)).astype("float32")
LABELS = RNG.integers(0, 3, (3, 4, 5))
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def test_properties():
    arguments = {
        "losses": [SegmentationLoss(ignore_class=1), Dice(batch=True)],
        "weights": [0.5, 2.0],
        "name": "my_sum",
    }
    check_loss(WeightedSum, arguments, LABELS, LOGITS)


def test_names_and_functions_of_keras_are_revived():
    loss = WeightedSum(
        ["mean_squared_error", "Huber", keras.losses.mean_absolute_error]
    )
    config = keras.saving.serialize_keras_object(loss)
    revived = keras.saving.deserialize_keras_object(config, safe_mode=True)
    y, p = RNG.normal(size=(2, 3, 4)).astype("float32")
    expected = sum(
        float(part(y, p))
        for part in (
            keras.losses.MeanSquaredError(),
            keras.losses.Huber(),
            keras.losses.MeanAbsoluteError(),
        )
    )
    assert float(revived(y, p)) == pytest.approx(expected)


def test_is_the_sum_of_its_parts_and_of_their_gradients():
    parts = [SegmentationLoss(), CategoricalFocal(), Dice(jaccard=True), SPARSE]
    weights = [1.0, 0.5, 0.0, 3]
    loss = WeightedSum(parts, weights=weights)
    expected = sum(w * float(f(LABELS, LOGITS)) for w, f in zip(weights, parts))
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    slopes = [gradient(lambda p: f(LABELS, p), LOGITS) for f in parts]  # noqa: B023
    np.testing.assert_allclose(
        gradient(lambda p: loss(LABELS, p), LOGITS),
        np.tensordot(weights, slopes, 1),
        atol=1e-6,
    )


def test_each_loss_leaves_out_the_missing_labels_that_it_knows():
    labels = LABELS.copy()
    labels[0, 0], labels[1], labels[2] = 255, 255, -1
    loss = WeightedSum(
        [SegmentationLoss(), Dice(ignore_class=255)], reduction=None
    )
    values = to_numpy(loss(labels, LOGITS))
    assert values[0] > 0
    assert values[1:].tolist() == [0, 0]
    assert to_numpy(loss.labelled(labels)).tolist() == [True, False, False]
    with_keras = WeightedSum([SegmentationLoss(), SPARSE])
    labels[0] = LABELS[0]
    labels[0, 0, 0] = -1  # of which the second loss knows nothing
    assert not to_numpy(with_keras.labelled(labels)).any()


class Checking(keras.losses.Loss):
    """A loss that looks at all that `fit` lets a loss look at."""

    def call(self, y_true, y_pred):
        return keras.ops.zeros(len(y_true))

    def check_truth(self, y_true, y_pred):
        if y_true.min() < 0:
            raise ValueError(f"negative for {y_pred.shape}")

    def check_image_size(self, y_true, image_size):
        if image_size is not None and y_true.max() > max(image_size):
            raise ValueError(f"outside of {image_size}")

    def check_volume_size(self, y_true, volume_size):
        if volume_size is not None and y_true.max() > max(volume_size):
            raise ValueError(f"outside of the volume {volume_size}")

    def truth_boxes(self, y_true):
        return y_true


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("box", "space", "message"),
    [
        ([0, 0, 4, -1], (8, 6), "'box': negative for .None, 4"),
        ([0, 0, 10, 4], (8, 6), r"'box': outside of \(8, 6\)"),
        ([0, 0, 10, 4], (8, 6, 9), r"'box': outside of the volume \(8, 6, 9"),
        ([3, 0, 1, 4], (8, 6), "'box': sample 0"),  # inverted
    ],
)
def test_all_checks_of_its_losses_are_made_in_fit(place, box, space, message):
    losses = ["mean_squared_error", "mean_squared_error"]
    losses[place] = Checking()
    image = keras.Input((*space, 1))
    x = keras.layers.Flatten()(image)
    model = MultiTaskModel(image, {"box": keras.layers.Dense(4)(x)})
    model.compile("sgd", {"box": WeightedSum(losses)})
    truth = {"box": np.array([box], "float32")}
    with pytest.raises(ValueError, match=message):
        model.fit(np.zeros((1, *space, 1)), truth, verbose=0)


@pytest.mark.parametrize("weights", [[1], [1, -1], 2.0, [1, float("nan")]])
def test_wrong_weights(weights):
    with pytest.raises(ValueError, match="numbers? of 0 or more"):
        WeightedSum([Dice(), SPARSE], weights=weights)


def test_errors():
    for losses in ([], Dice(), "mse"):
        with pytest.raises(ValueError, match="list of one loss or more"):
            WeightedSum(losses)
    with pytest.raises(ValueError, match="no_such_loss"):
        WeightedSum(["no_such_loss"])
    with pytest.raises(ValueError, match="Expected losses, received None"):
        WeightedSum([None])
    scalar = WeightedSum([lambda y, p: keras.ops.sum(p)])
    with pytest.raises(ValueError, match="received a scalar"):
        scalar(LABELS, LOGITS)


def test_a_batch_without_its_unlabelled_samples_in_fit():
    labels = LABELS.copy()
    labels[1] = -1  # no label in the truth; a weight of 0 for the first
    weight = np.array([0.0, 1.0, 1.0], "float32")
    for make in (
        lambda: Dice(batch=True),
        lambda: WeightedSum([SPARSE, Dice(batch=True)]),
    ):
        logs = _evaluated(make(), labels, LOGITS, {"mask": weight})
        alone = _evaluated(make(), labels[2:], LOGITS[2:], None)
        assert logs == pytest.approx(alone, rel=1e-5)
        assert logs == pytest.approx(
            float(make()(labels[2:], LOGITS[2:])), rel=1e-5
        )


def test_unlabelled_samples_do_not_teach_through_the_batch():
    labels = LABELS.copy()
    labels[1] = -1
    weights = []
    for rows in (slice(None), slice(0, None, 2)):
        model = _model(WeightedSum([SPARSE, Dice(batch=True)]))
        model.fit(
            LOGITS[rows],
            {"mask": labels[rows]},
            batch_size=3,
            epochs=2,
            verbose=0,
        )
        weights.append(to_numpy(model.weights[0].value))
    np.testing.assert_allclose(*weights, atol=1e-6)
    assert np.abs(weights[0] - np.eye(3)).max() > 1e-3


def _model(loss):
    image = keras.Input((4, 5, 3))
    layer = keras.layers.Dense(3, kernel_initializer="identity")
    model = MultiTaskModel(image, {"mask": layer(image)})
    model.compile(keras.optimizers.SGD(0.5), {"mask": loss})
    return model


def _evaluated(loss, labels, logits, weight):
    return _model(loss).evaluate(
        logits,
        {"mask": labels},
        sample_weight=weight,
        batch_size=3,
        verbose=0,
        return_dict=True,
    )["loss"]
