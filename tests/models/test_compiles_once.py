"""Shapes are static: XLA compiles a step and a decoder of any recipe once.

In bfloat16, as on a TPU. On TensorFlow, whose XLA takes ten seconds and more
for each, a few by `benchmarks/compile_once.py`, which does the same for all.
"""

import runpy
from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.compilations import compiled_by_jax
from batteries.precision import OUTPUTS, precision
from batteries.small_recipes import A_FEW, RECIPES
from batteries.small_samples import BATCH, batches
from mtvision import models

# Two samples more, which are dropped.
NUMBER = 20 * BATCH + 2
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "compile_once.py"


def needs(backend):
    """Skips a test unless it is of the backend."""
    other = keras.backend.backend() != backend
    return pytest.mark.skipif(other, reason=f"{backend} only")


def test_all_recipes_are_here():
    recipes = {name for name in vars(models) if name[0].isupper()}
    assert set(RECIPES) == recipes


@needs("tensorflow")
@pytest.mark.parametrize("name", A_FEW)
def test_xla_of_tensorflow(name):
    """In a process of its own: this one computes the same each time."""
    measure = runpy.run_path(str(BENCHMARK))["measure"]
    found = measure(name, "tensorflow", "mixed_bfloat16")
    for kind in ("step", "decoder"):
        counts = {k: found[kind][k] for k in ("compiled", "dynamic")}
        assert counts == {"compiled": 1, "dynamic": 0}
    assert np.isfinite(found["losses"]).all()
    assert set(found["types"]) <= set(OUTPUTS)


@needs("jax")
@pytest.mark.parametrize("name", RECIPES)
def test_a_step_and_a_decoder_are_compiled_once(name):
    with precision("mixed_bfloat16"):
        small = RECIPES[name]()
        small.model.compile("adam", **small.losses, jit_compile=True)
    train = batches(small, number=NUMBER)
    assert len(train) == 20

    def fit():
        history = small.model.fit(train, verbose=0).history
        assert np.isfinite(history["loss"]).all()

    assert compiled_by_jax(fit, "train_step") == 1
    data = batches(small, number=NUMBER, model=small.decoder)
    if small.decoder is not small.model:
        small.decoder.compile(jit_compile=True)

    def predict():
        for x in keras.tree.flatten(small.decoder.predict(data, verbose=0)):
            assert len(x) == 20 * BATCH
            assert x.dtype in OUTPUTS

    assert compiled_by_jax(predict, "predict_step") == 1
    outputs = [*small.model.outputs, *small.decoder.outputs]
    assert all(None not in x.shape[1:] for x in outputs)
