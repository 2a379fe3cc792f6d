"""The example of many devices runs, on two of the processor."""

import keras
import pytest

from batteries.examples import run

# PyTorch trains on one.
DEVICES = "one" if keras.config.backend() == "torch" else "all"


@pytest.mark.parametrize("devices", [DEVICES])
def test_train_on_devices(tmp_path, devices):
    shown = run(
        *("train_on_devices.py", "--devices", devices, "--cpus", 2),
        *("--images", 32, "--epochs", 1, "--output", tmp_path),
    )
    assert "mask_loss" in shown
