"""A training on two devices goes on to the bit where it was broken off."""

import pathlib
import subprocess
import sys

import keras
import pytest

HERE = pathlib.Path(__file__).parent
WAYS = {
    "tensorflow": [("mirrored", 1)],
    "jax": [("devices+models", 2), ("processes", 2)],
}.get(keras.config.backend(), [])


@pytest.mark.parametrize(("way", "times"), WAYS)
def test_goes_on_to_the_bit(tmp_path, way, times):
    done = subprocess.run(
        [sys.executable, HERE / "resume_on_devices.py", way, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.count("None: the same") == times
