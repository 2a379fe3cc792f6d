import keras
import pytest

from mtvision import losses, tasks
from mtvision.training import routing


def test_outputs_must_be_a_flat_dict_of_tensors():
    with pytest.raises(ValueError, match="dict .task name: tensor"):
        routing.check_outputs([1, 2])
    with pytest.raises(ValueError, match="Task 'a': expected one output"):
        routing.check_outputs({"a": [1, 2]})
    with pytest.raises(ValueError, match="names to be strings"):
        routing.check_outputs({3: 1})


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(ValueError, match="'maks'.*did you mean 'mask'"):
        routing.check_keys("metrics", {"maks": 1}, ["mask", "scene"])


def test_a_missing_name_is_named_with_the_remedy():
    with pytest.raises(ValueError, match="lacks the task 'scene'.*None"):
        routing.check_keys(
            "loss", {"mask": 1}, ["mask", "scene"], required=["scene"]
        )


@pytest.mark.parametrize("weights", [[1.0, 2.0], 1.0, {"a": "1"}, {"a": 1}])
def test_loss_weights_must_be_numbers_for_every_task(weights):
    with pytest.raises(ValueError, match="weight"):
        routing.check_loss_weights(weights, ["a", "b"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_loss_weight_must_be_finite(value):
    with pytest.raises(ValueError, match="Task 'a'.*finite"):
        routing.check_loss_weights({"a": value}, ["a"])


def test_loss_weights_default_to_one():
    assert routing.check_loss_weights(None, ["a", "b"]) == {"a": 1, "b": 1}


HEADS = [
    tasks.DepthHead(name="a"),
    tasks.NormalsHead(name="a"),
    tasks.EdgesHead(name="a"),
    tasks.SegmentationHead(3, name="a"),
    tasks.FCNHead(3, name="a"),
]
MAPS = [tasks.SegmentationLoss(), losses.Dice(), losses.GeneralizedDice()]
MAPS += [losses.Tversky(), losses.CategoricalFocal(), losses.BinaryFocal()]
SUITED = [
    [tasks.DepthL1Loss(), tasks.BerHuLoss(), tasks.ScaleInvariantDepthLoss()],
    [tasks.NormalsLoss()],
    [tasks.EdgesLoss(), *MAPS],
    MAPS,
    MAPS,
]


@pytest.mark.parametrize("index", range(len(HEADS)))
def test_dense_heads_refuse_the_losses_of_others(index):
    for loss in [*SUITED[index], keras.losses.MeanSquaredError()]:
        routing.check_loss(loss, HEADS[index])
        routing.check_loss(losses.WeightedSum([loss]), HEADS[index])
    names = {loss.name for loss in SUITED[index]}
    for loss in (one for each in SUITED for one in each):
        if loss.name not in names:
            for wrong in (loss, losses.WeightedSum(["mse", loss])):
                with pytest.raises(ValueError, match="Task 'a'.*losses"):
                    routing.check_loss(wrong, HEADS[index])
