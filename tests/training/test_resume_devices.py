"""A training on two devices goes on to the bit where it was broken off."""

import pathlib
import subprocess
import sys

import keras
import pytest

HERE = pathlib.Path(__file__).parent
WAYS = {
    "tensorflow": ["mirrored"],
    "jax": ["devices", "models", "processes"],
}.get(keras.config.backend(), [])


@pytest.mark.parametrize("way", WAYS)
def test_goes_on_to_the_bit(tmp_path, way):
    done = subprocess.run(
        [sys.executable, HERE / "resume_on_devices.py", way, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    processes = 2 if way == "processes" else 1
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.count("None: the same") == processes
