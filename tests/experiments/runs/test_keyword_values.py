import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.experiments.runs.keyword_values import describe_value, fresh_value


def test_descriptions_are_the_same_in_another_process():
    described = describe_value(
        {
            "method": mtv.balancing.CAGrad(c=0.4),
            "weights": {"a": np.float32(0.5)},
            "sizes": (1, np.arange(2)),
            "make": test_descriptions_are_the_same_in_another_process,
            "other": object(),
        }
    )
    assert described["method"]["class"] == "CAGrad"
    assert described["method"]["c"] == 0.4
    assert described["weights"] == {"a": 0.5}
    assert described["sizes"] == [1, [0, 1]]
    assert described["make"] == (
        "test_descriptions_are_the_same_in_another_process"
    )
    assert described["other"] == "object"


def test_a_method_is_made_anew_with_its_options():
    method = mtv.balancing.CAGrad(c=0.3)
    method.build(2)
    given = {"a": [method, 1], "b": (None, "x")}
    fresh = fresh_value(given, "balancing")
    assert fresh["a"][0] is not method
    assert fresh["a"][0].c == 0.3
    assert not fresh["a"][0].built
    assert fresh["a"][1:] == [1]
    assert fresh["b"] == (None, "x")


def test_layers_with_weights_are_refused():
    layer = keras.layers.Dense(2)
    assert fresh_value(layer, "head") is not layer
    layer.build((None, 3))
    with pytest.raises(ValueError, match="'head' something that each run"):
        fresh_value(layer, "head")
