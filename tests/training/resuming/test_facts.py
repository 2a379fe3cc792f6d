"""What differs between two trainings is found and named."""

import types

import keras
import pytest

from batteries.broken_off import make_model
from mtvision.training.resuming import facts, training_state


def facts_now(**options):
    model = make_model(**options)
    training_state.build_optimizer(model)
    return facts.facts_of(model, {}, [])


def test_the_same_code_gives_the_same_facts_in_one_process():
    assert facts_now() == facts_now()


def test_more_devices_are_another_training(monkeypatch):
    def two():
        mesh = types.SimpleNamespace(axis_names=["batch"], shape=(2,))
        return types.SimpleNamespace(device_mesh=mesh)

    before = facts_now()
    model = make_model()
    training_state.build_optimizer(model)
    monkeypatch.setattr(keras.distribution, "distribution", two)
    now = facts.facts_of(model, {}, [])
    with pytest.raises(ValueError, match="devices differs.*absent.*batch"):
        facts.check_same(before, now, "runs/night")


@pytest.mark.filterwarnings("ignore:The object being serialized")
def test_a_function_without_a_name_counts_as_one():
    found = facts._plain(keras.saving.serialize_keras_object(lambda x: x), ())
    assert found == {"class_name": "__lambda__"}


def test_names_that_keras_numbers_count_by_their_order():
    first = {"name": "dense_4", "next": [{"name": "dense_5"}, "dense_4"]}
    second = {"name": "dense", "next": [{"name": "dense_1"}, "dense"]}
    other = {"name": "dense", "next": [{"name": "dense_1"}, "dense_1"]}
    plain = [facts._plain(tree, ()) for tree in (first, second, other)]
    assert plain[0] == plain[1] != plain[2]


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"a": 1.0}, ("a", 1, 1.0)),
        ({"a": 1}, {"a": True}, ("a", 1, True)),
        ({"a": [1, 2]}, {"a": [1]}, ("a / 1", 2, "absent")),
        ({}, {"b": None}, ("b", "absent", None)),
        (
            {"a": {"b": [{"c": 1}]}},
            {"a": {"b": [{}]}},
            ("a / b / 0 / c", 1, "absent"),
        ),
    ],
)
def test_first_difference(before, now, found):
    assert facts.first_difference(before, now) == found
