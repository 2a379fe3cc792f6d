"""SIGKILL at any moment: the same command ends as if nothing had been.

`benchmarks/resume.py` kills more, at random.
"""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from batteries.broken_off import STEPS, Samples, assert_same, make_model, train

SCRIPT = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from batteries.broken_off import Samples, make_model, train

def kill_in_call(function, call):
    calls = []
    def wrapped(*args):
        calls.append(args)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args)
    return wrapped

os.{name} = kill_in_call(os.{name}, {call})
train(make_model(), {folder!r}, validation_data=Samples(workers=1))
"""


def kill(folder, name, call):
    """Trains in another process, until it calls a function so often."""
    tests = str(pathlib.Path(__file__).parents[1])
    code = SCRIPT.format(tests=tests, name=name, call=call, folder=str(folder))
    process = subprocess.run([sys.executable, "-c", code], check=False)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGKILL")
def test_killed_twice_while_it_writes(tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "folder"
    expected = train(make_model(), whole, validation_data=Samples(workers=1))
    kill(folder, "fsync", 5)  # Two for each file: that of step 4 is not there.
    steps = [step for step in (0, 2, 4) if (folder / name_of(step)).exists()]
    assert steps == [0, 2]
    assert (folder / name_of(4)).with_suffix(".part").exists()
    kill(folder, "replace", 3)  # Steps 4, 5, and that after the validation.
    assert sorted(folder.glob("*.resume"))[-1].name == name_of(STEPS - 1)
    found = train(make_model(), folder, validation_data=Samples(workers=1))
    assert_same(found, expected)


def name_of(step):
    return f"step-{step:010d}.resume"
