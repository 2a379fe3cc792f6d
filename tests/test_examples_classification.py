"""The example of classification runs from end to end, on little data."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PETS = ROOT / "../shared/data/multitask_pets"
HAS_PETS = pytest.mark.skipif(
    not PETS.exists(), reason="the data set is not here"
)


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("--data", PETS), marks=HAS_PETS)]
)
def test_classify_pets(tmp_path, arguments):
    script = ROOT / "examples" / "classify_pets.py"
    result = subprocess.run(
        [sys.executable, script, "--tiny", "--output", tmp_path, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert "the trunk learns the digits 0 to 4 first" in result.stdout
    for cell in ("| from scratch", "| frozen trunk", "| fine-tuned", "| const"):
        assert cell in result.stdout
    assert (tmp_path / "curves.png").exists()
