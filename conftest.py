"""What every test, and every example in a docstring, can rely on."""

import os

# TensorFlow computes the same each time, and by graphs alone where a test does
# not ask for XLA.
os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
# Two processes share the cores: threads of each would wait for those of the
# other, which made the suite twice as slow on PyTorch.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# XLA compiles the quick way: most tests run what they compile once or twice.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0"
    " --xla_llvm_disable_expensive_passes=true",
)

import keras
import numpy as np
import pytest

import mtvision as mtv

# A backend's own forms can be imported with that backend only.
collect_ignore = [
    f"mtvision/{room}/_{backend}.py"
    for room in ("ops", "training")
    for backend in {"tensorflow", "jax", "torch"} - {keras.backend.backend()}
]


@pytest.fixture(autouse=True)
def _reproducible():
    keras.utils.set_random_seed(0)
    yield
    # Its garbage collection would take longer than most tests.
    keras.backend.clear_session(free_memory=False)


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace):
    doctest_namespace.update(keras=keras, np=np, mtv=mtv)
