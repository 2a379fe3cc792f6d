import gc
import textwrap

import pytest

SCRIPT = """\
import os

from optuna.distributions import FloatDistribution

import mtvision as mtv
from batteries.small_search import TRAIN as train
from batteries.small_search import VALID as valid
from batteries.small_search import Hang, build

test = valid
space = {"rate": FloatDistribution(0.001, 0.1)}
objectives = {"a_mae": "minimize", "b_mae": "minimize"}
methods = [mtv.balancing.UPGrad()]
epochs, trials, seeds = 1, 2, 2
sampler = "random"
callbacks = [Hang(os.environ["HANG"], 1)] if "HANG" in os.environ else ()

if __name__ == "__main__":
    raise RuntimeError("this is not to be run")
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes small.py, with further lines, into the current folder."""
    monkeypatch.chdir(tmp_path)
    # A run collects the models before it, which takes longer than a test.
    monkeypatch.setattr(gc, "collect", lambda generation=2: 0)

    def write(lines="", base=SCRIPT):
        path = tmp_path / "small.py"
        path.write_text(base + textwrap.dedent(lines))
        return "small.py"

    return write
