"""The example of classification runs from end to end, on little data."""

import pytest

from batteries.examples import ROOT, run

PETS = ROOT / "../shared/data/multitask_pets"
HAS_PETS = pytest.mark.skipif(
    not PETS.exists(), reason="the data set is not here"
)


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("--data", PETS), marks=HAS_PETS)]
)
def test_classify_pets(tmp_path, arguments):
    shown = run("classify_pets.py", "--tiny", "--output", tmp_path, *arguments)
    assert "the trunk learns the digits 0 to 4 first" in shown
    for cell in ("| from scratch", "| frozen trunk", "| fine-tuned", "| const"):
        assert cell in shown
    assert (tmp_path / "curves.png").exists()
