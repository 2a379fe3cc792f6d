"""Runs examples, step by step: tracing graphs would take most of the time.

That models train in graphs is what the tests of the recipes look at.
"""

import contextlib
import os
import pathlib
import subprocess
import sys

import keras

ROOT = pathlib.Path(__file__).parents[2]
RUN = """
import runpy, sys
from batteries.examples import step_by_step
sys.argv = sys.argv[1:]
with step_by_step():
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(name, *arguments):
    """What an example prints; it must end well."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, ROOT / "examples" / name]
        + [str(each) for each in arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


@contextlib.contextmanager
def step_by_step():
    """TensorFlow's functions run as Python, within the block."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
