"""A few cases of each target of `benchmarks/fuzz.py`, which tries thousands."""

import importlib
import inspect
import pathlib
import random

import keras
import pytest

import mtvision as mtv

HERE = pathlib.Path(__file__).parent
BENCHMARKS = HERE.parent / "benchmarks"


@pytest.fixture(scope="module")
def fuzz():
    """The script, as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("fuzz")


def run(fuzz, targets, tmp_path, number):
    for name, target in targets.items():
        tally = fuzz.Tally()
        tally.run(target, tmp_path, number)
        assert not tally.faults, name
        assert sum(tally.counts.values()) >= min(number, 2), name


def test_files(fuzz, tmp_path):
    run(fuzz, fuzz.fuzz_files.TARGETS, tmp_path, 8)


def test_samples(fuzz, tmp_path):
    run(fuzz, fuzz.fuzz_samples.TARGETS, tmp_path, 8)


def test_models(fuzz, tmp_path):
    run(fuzz, fuzz.fuzz_models.TARGETS, tmp_path, 8)


def test_tfds(fuzz, tmp_path):
    run(fuzz, fuzz.fuzz_tfds.TARGETS, tmp_path, 4)


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="compiles each new shape"
)
def test_truths(fuzz, tmp_path):
    quick = fuzz.QUICK_TARGETS
    targets = {k: v for k, v in fuzz.targets().items() if k not in quick}
    run(fuzz, targets, tmp_path, 2)


def test_what_is_right_is_accepted(fuzz):
    """Or else nothing would be tried of it."""
    for name, make in fuzz.fuzz_tasks.TASKS.items():
        loss, truth, outputs, _ = make(random.Random(0))
        fuzz.fuzz_truths.check(loss, truth, outputs)
        value, slope = fuzz.fuzz_truths.loss_of(loss, truth, outputs)
        assert value > 0, name
        assert slope.any(), name


def test_every_loss_and_metric_is_tried(fuzz):
    known = {}
    for room in (mtv.losses, mtv.tasks, mtv.metrics):
        for name in dir(room):
            value = getattr(room, name)
            if not inspect.isclass(value):
                continue
            if issubclass(value, keras.losses.Loss | keras.metrics.Metric):
                known[name] = room.__name__
    tables = (BENCHMARKS / "fuzz_tasks.py").read_text()
    assert {name for name in known if name not in tables} == set()


def test_a_fault_is_told(fuzz, tmp_path):
    def crash(folder, rng):
        return {}["key"]

    def unclear(folder, rng):
        return b"\xff".decode()

    def nan(folder, rng):
        return [float("nan")]

    for target in (crash, unclear, nan):
        tally = fuzz.Tally()
        tally.run(target, tmp_path, 2)
        assert tally.faults
        assert tally.counts["FAULT"] == sum(tally.counts.values())
