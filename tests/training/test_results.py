import keras
import numpy as np

from mtvision import MultiTaskModel
from mtvision.metrics import ConfusionMatrix
from mtvision.training import compare_with_constants, format_table

LABELS = np.array([0, 2, 2, -1, 2, 1])


class InOrder:
    """Batches that can only be read one after the other."""

    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        return iter(self.batches)


def test_a_model_and_constants_are_measured_alike():
    x = keras.Input((3,))
    model = MultiTaskModel(x, {"a": keras.layers.Identity()(x)})
    model.compile(
        loss={
            "a": keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        },
        metrics={"a": ["accuracy", ConfusionMatrix(3, name="counts")]},
    )
    right = np.eye(3, dtype="float32")[LABELS]
    ones = {"a": np.ones(2, "float32")}
    data = [
        (right[i : i + 2], {"a": LABELS[i : i + 2]}, ones) for i in (0, 2, 4)
    ]
    constants = {"a": np.array([0, 0, 1.0])}
    rows = compare_with_constants(model, data, constants)
    assert compare_with_constants(model, InOrder(data), constants) == rows
    by_metric = {row["metric"]: row for row in rows}
    assert by_metric["accuracy"]["model"] == 1.0
    np.testing.assert_allclose(by_metric["accuracy"]["constant"], 3 / 5)
    np.testing.assert_allclose(by_metric["recall"]["constant"], 1 / 3)
    assert {row["task"] for row in rows} == {"a"}


def test_the_table_lines_up():
    rows = [{"task": "a", "model": 1.0}, {"task": "long", "model": 12.34567}]
    assert format_table(rows).split("\n") == [
        "| task | model  |",
        "| ---- | ------ |",
        "| a    | 1.000  |",
        "| long | 12.346 |",
    ]


def test_floats_of_numpy_have_three_decimals_too():
    table = format_table([{"a": np.float32(0.1), "b": np.int64(2), "c": True}])
    assert table.splitlines()[-1] == "| 0.100 | 2 | True |"
