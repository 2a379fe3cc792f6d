"""Every recipe trains in bfloat16 and in float16.

On PyTorch, the quickest here. `test_compiles_once.py` and `benchmarks/
compile_once.py` train them on JAX and TensorFlow.
"""

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.precision import OUTPUTS, precision
from batteries.small_recipes import A_FEW, RECIPES
from batteries.small_samples import batches, trunk
from mtvision import models

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="PyTorch is the quickest"
)
HALVES = ["mixed_bfloat16", "mixed_float16"]
EPOCHS = 3
# Detectors of images of any size, and what they find objects by.
OF_ANY_SIZE = {
    "RetinaNet": {"filters": 8, "depth": 0, "extra_levels": 0},
    "SSD": {"filters": (8,), "context": 8, "image_size": None},
    "YOLO": {"hidden": 8},
    "CenterNet": {"filters": 8, "hidden": 8},
    "ExtremeNet": {"filters": 8, "hidden": 8},
}


def trained(name, policy, **options):
    """A recipe after nine steps, and the losses of the steps so far."""
    keras.utils.set_random_seed(0)
    with precision(policy):
        small = RECIPES[name]()
        adam = keras.optimizers.Adam(1e-3)
        small.model.compile(adam, **small.losses, **options)
    steps = []
    record = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: steps.append(dict(logs))
    )
    small.model.fit(
        batches(small), epochs=EPOCHS, verbose=0, callbacks=[record]
    )
    return small, steps


@pytest.mark.parametrize("name", RECIPES)
def test_losses_are_near_those_of_float32(name):
    _, exact = trained(name, "float32")
    for policy in HALVES:
        small, steps = trained(name, policy)
        for task, value in steps[0].items():
            # Distances of an embedding are differences of like numbers.
            near = pytest.approx(exact[0][task], rel=0.01, abs=0.01)
            assert value == near, (policy, task)
        check_training(small, steps, policy)


def check_training(small, steps, policy):
    """All is finite, outputs are float32, and the loss has fallen."""
    first, last = steps[len(steps) // EPOCHS - 1], steps[-1]
    assert last["loss"] < first["loss"]
    numbers = [value for step in steps for value in step.values()]
    assert np.isfinite(numbers).all()
    for variable in small.model.variables:
        assert np.isfinite(to_numpy(variable.value)).all(), variable.path
    scaled = keras.optimizers.LossScaleOptimizer
    is_scaled = isinstance(small.model.optimizer, scaled)
    assert is_scaled == (policy == "mixed_float16")
    for model in (small.model, small.decoder):
        x, *_ = batches(small, model=model)[0]
        for values in keras.tree.flatten(model.predict_on_batch(x)):
            assert values.dtype in OUTPUTS
            assert np.isfinite(values).all()


@pytest.mark.parametrize("name", A_FEW)
def test_gradients_are_balanced_in_float16(name):
    check_training(
        *trained(name, "mixed_float16", balancing=mtv.balancing.PCGrad()),
        "mixed_float16",
    )


@pytest.mark.parametrize("name", OF_ANY_SIZE)
def test_places_are_exact(name):
    """In bfloat16 the 333 would be 332."""
    image = np.zeros((1, 64, 1056, 3), "float32")
    found = []
    for seed, policy in ((0, "float32"), (1, "float32"), (0, HALVES[0])):
        keras.utils.set_random_seed(seed)
        with precision(policy):
            model = getattr(models, name)(3, trunk=trunk(), **OF_ANY_SIZE[name])
        for variable in model.trainable_variables:
            shape = variable.shape
            variable.assign(np.random.default_rng(seed).normal(size=shape))
        found.append(model.predict_on_batch(image))
    for exact, other, half in zip(*(x.values() for x in found)):
        # What does not depend on the weights are places.
        same = (exact == other).reshape(-1, exact.shape[-1]).all(axis=0)
        assert exact[..., same].max() > 1000
        np.testing.assert_array_equal(half[..., same], exact[..., same])
