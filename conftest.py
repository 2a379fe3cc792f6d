"""What every test, and every example in a docstring, can rely on."""

import os
import signal

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

# A suite in the background begins with Ctrl-C ignored, and tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import hypothesis
import keras
import numpy as np
import pytest

import mtvision as mtv

# How long a case takes depends on what else the machine does.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

# A backend's own forms can be imported with that backend only.
collect_ignore = [
    f"mtvision/{room}/_{backend}.py"
    for room in ("ops", "training")
    for backend in {"tensorflow", "jax", "torch"} - {keras.backend.backend()}
]
# Scripts that a test runs, in processes of their own.
collect_ignore += [
    f"tests/training/{name}.py" for name in ("device_runs", "resume_on_devices")
]


def pytest_addoption(parser):
    """Adds `--cases`."""
    parser.addoption(
        "--cases",
        type=int,
        help="of each parametrised test, run this many cases, evenly spread",
    )


def pytest_collection_modifyitems(config, items):
    """Leaves out the cases that `--cases` does not ask for."""
    most = config.getoption("cases")
    if most is None:
        return
    tests = {}
    for item in items:
        tests.setdefault(item.nodeid.split("[")[0], []).append(item)
    chosen = {id(x) for cases in tests.values() for x in _spread(cases, most)}
    config.hook.pytest_deselected(
        items=[item for item in items if id(item) not in chosen]
    )
    items[:] = [item for item in items if id(item) in chosen]


def _spread(cases, most):
    """At most so many cases, from the first to the last."""
    places = np.linspace(0, len(cases) - 1, most).round().astype(int)
    return [cases[place] for place in {*places.tolist()}]


@pytest.fixture(autouse=True)
def _reproducible():
    keras.utils.set_random_seed(0)
    yield
    # Its garbage collection would take longer than most tests.
    keras.backend.clear_session(free_memory=False)


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace):
    doctest_namespace.update(keras=keras, np=np, mtv=mtv)
