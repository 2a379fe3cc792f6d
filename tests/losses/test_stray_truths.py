"""Truths that are unusual or wrong: a table of losses and cases."""

import keras
import numpy as np
import pytest

from batteries.backend import compiled, gradient, to_numpy
from mtvision.losses import (
    CategoricalFocal,
    Dice,
    GeneralizedDice,
    Tversky,
    WeightedSum,
)
from mtvision.tasks.segmentation import SegmentationLoss
from mtvision.training.task_loss import TaskLoss

LOSSES = {
    "dice": Dice,
    "dice_batch": lambda **options: Dice(batch=True, **options),
    "dice_smooth0": lambda **options: Dice(smooth=0, **options),
    "jaccard": lambda **options: Dice(jaccard=True, **options),
    "generalized": GeneralizedDice,
    "tversky": Tversky,
    "tversky_smooth0": lambda **options: Tversky(smooth=0, **options),
    "focal": CategoricalFocal,
    "cross_entropy": SegmentationLoss,
    "sum": lambda **options: WeightedSum(
        [SegmentationLoss(), GeneralizedDice(ignore_class=255)], **options
    ),
}
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(2, 4, 3, 3)).astype("float32")
LABELS = RNG.integers(0, 3, (2, 4, 3))


def edited(*rows, value):
    labels = LABELS.copy()
    labels[rows] = value
    return labels


CASES = {
    "a class in no sample": (np.minimum(LABELS, 1), LOGITS),
    "one class only": (np.zeros_like(LABELS), LOGITS),
    "no label at all": (np.full_like(LABELS, -1), LOGITS),
    "no label in one sample": (edited(1, value=-1), LOGITS),
    "class beyond all": (edited(0, 1, value=3), LOGITS),
    "negative class": (edited(0, 1, value=-7), LOGITS),
    "NaN": (
        edited(0, 1, value=0) * 1.0 + np.where(LABELS == 2, np.nan, 0),
        LOGITS,
    ),
    "sure of an absent class": (
        np.zeros_like(LABELS),
        np.float32([-200, 200, -200]) + 0 * LOGITS,
    ),
    "one pixel": (LABELS[:, :1, :1], LOGITS[:, :1, :1]),
    "one unlabelled pixel": (-np.ones((2, 1, 1)), LOGITS[:, :1, :1]),
    "one sample": (LABELS[:1], LOGITS[:1]),
    "one channel": (np.minimum(LABELS, 1), LOGITS[..., :1]),
    "one channel, one pixel": (np.ones((2, 1, 1)), LOGITS[:, :1, :1, :1]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", LOSSES)
def test_finite_with_its_gradient(name, case):
    loss = LOSSES[name](reduction=None)
    labels, logits = CASES[case]
    values = to_numpy(loss(labels, logits))
    assert values.shape == (len(labels),)
    assert np.isfinite(values).all()
    slope = gradient(lambda p: loss(labels, p), logits)
    assert np.isfinite(slope).all()
    unlabelled = ~(labels >= 0) | (labels >= max(logits.shape[-1], 2))
    assert (slope[unlabelled] == 0).all()
    assert (values[unlabelled.all(axis=(1, 2))] == 0).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", LOSSES)
def test_half_precision(name, dtype):
    loss = LOSSES[name](reduction=None)
    logits = np.float32([60000, -60000, 0]) + 0 * LOGITS
    half = keras.ops.cast(logits, dtype)
    for truth in (LABELS, np.minimum(LABELS, 1)):
        values = loss(truth, half)
        assert keras.backend.standardize_dtype(values.dtype) == "float32"
        assert np.isfinite(to_numpy(values)).all()


@pytest.mark.parametrize("name", LOSSES)
def test_maps_of_another_size(name):
    loss = LOSSES[name]()
    for labels in (LABELS[:, :2], LABELS[:, :1], LABELS[:, :, :1, None]):
        for function in (loss.check_truth, loss):
            with pytest.raises(ValueError, match=r"maps of \(.*resize"):
                function(labels, LOGITS)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("wrong", [3, -7, 0.5, 1000])
def test_stray_labels_are_told_before_training(name, wrong):
    labels = LABELS.astype("float32" if wrong == 0.5 else "int32")
    labels[1, 2, 1] = wrong
    with pytest.raises(ValueError, match=f"sample 1 has the class {wrong}"):
        LOSSES[name]().check_truth(labels, LOGITS)


@pytest.mark.parametrize("name", LOSSES)
def test_weights_of_pixels(name):
    loss = LOSSES[name](reduction=None)
    ones = {"labels": LABELS, "weights": np.ones((2, 4, 3, 1), "float32")}
    plain = to_numpy(loss(LABELS, LOGITS))
    np.testing.assert_allclose(to_numpy(loss(ones, LOGITS)), plain, rtol=1e-6)
    weights = np.where(LABELS == 1, 0, 2.0).astype("float32")
    weights[0, 0] = np.nan  # as beyond the border of an image
    truth = {"labels": LABELS, "weights": weights}
    run = compiled(lambda t, p: loss(t, p))
    values = to_numpy(run(keras.tree.map_structure(_tensor, truth), LOGITS))
    assert np.isfinite(values).all()
    assert not np.allclose(values, plain)
    slope = gradient(lambda p: loss(truth, p), LOGITS)
    assert (slope[~(weights > 0)] == 0).all()
    assert np.abs(slope).max() > 0
    loss.check_truth(truth, LOGITS)
    assert to_numpy(loss.labelled(truth)).tolist() == [True, True]


@pytest.mark.parametrize("name", LOSSES)
def test_wrong_weights_of_pixels(name):
    loss = LOSSES[name]()
    weights = np.ones((2, 4, 3), "float32")
    with pytest.raises(ValueError, match="one weight for each label"):
        loss.check_truth({"labels": LABELS, "weights": weights[:, :2]}, LOGITS)
    weights[1, 2] = -1
    with pytest.raises(ValueError, match="sample 1 has a negative weight"):
        loss.check_truth({"labels": LABELS, "weights": weights}, LOGITS)
    with pytest.raises(ValueError, match="'labels' and 'weights'"):
        loss.check_truth({"mask": LABELS}, LOGITS)


def _tensor(x):
    return keras.ops.convert_to_tensor(x)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "loss",
    [
        SegmentationLoss(),
        Dice(),
        Dice(batch=True),
        WeightedSum([SegmentationLoss(), Dice()]),
    ],
)
def test_a_sample_of_stray_classes_is_none(loss, channels):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, (3, 2, 4)).astype("uint8")
    truth[1] = 77
    logits = rng.normal(size=(3, 2, 4, channels)).astype("float32")
    expected = float(loss(truth[::2], logits[::2]))
    found = float(TaskLoss("mask", loss)(truth, logits))
    assert found == pytest.approx(expected, rel=1e-5)
