import pytest

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
