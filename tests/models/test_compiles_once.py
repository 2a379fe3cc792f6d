"""Shapes are static: XLA compiles a step and a decoder of any recipe once.

In bfloat16, as on a TPU. `benchmarks/compile_once.py` does the same for all on
TensorFlow, too, whose XLA takes ten seconds and more for each.
"""

import keras
import numpy as np
import pytest

from batteries.compilations import count_compilations
from batteries.precision import OUTPUTS, precision
from batteries.small_recipes import A_FEW, RECIPES
from batteries.small_samples import BATCH, batches
from mtvision import models

# Two samples more, which are dropped.
NUMBER = 20 * BATCH + 2
CASES = {"jax": list(RECIPES), "tensorflow": A_FEW, "torch": []}


def test_all_recipes_are_here():
    recipes = {name for name in vars(models) if name[0].isupper()}
    assert set(RECIPES) == recipes


@pytest.mark.parametrize("name", CASES[keras.backend.backend()])
def test_a_step_and_a_decoder_are_compiled_once(name):
    with precision("mixed_bfloat16"):
        small = RECIPES[name]()
        small.model.compile("adam", **small.losses, jit_compile=True)
    train = batches(small, number=NUMBER)
    assert len(train) == 20

    def fit():
        history = small.model.fit(train, verbose=0).history
        assert np.isfinite(history["loss"]).all()

    assert count_compilations(fit, small.model, "train") == 1
    data = batches(small, number=NUMBER, model=small.decoder)
    if small.decoder is not small.model:
        small.decoder.compile(jit_compile=True)

    def predict():
        for x in keras.tree.flatten(small.decoder.predict(data, verbose=0)):
            assert len(x) == 20 * BATCH
            assert x.dtype in OUTPUTS

    assert count_compilations(predict, small.decoder, "predict") == 1
    outputs = [*small.model.outputs, *small.decoder.outputs]
    assert all(None not in x.shape[1:] for x in outputs)
