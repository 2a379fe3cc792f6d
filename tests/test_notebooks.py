"""The notebooks: what they show, and that they run.

Those with a number keep their outputs, and `.ci/run` executes them as they
are; the others run here, on little data.
"""

import json
import pathlib
import re

import pytest

from batteries.examples import step_by_step

NOTEBOOKS = sorted(
    (pathlib.Path(__file__).parents[1] / "notebooks").glob("*.ipynb")
)
NUMBERED = [path for path in NOTEBOOKS if path.stem[0].isdigit()]
OTHERS = [path for path in NOTEBOOKS if path not in NUMBERED]
SIZE = "IMAGES, EPOCHS = "


def code_cells(path):
    cells = json.loads(path.read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_every_cell_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    names = {}
    for cell in code_cells(path):
        code = "".join(cell["source"])
        code = re.sub(f"{SIZE}.*", f"{SIZE}64, 1", code)
        code = code.removeprefix("%matplotlib inline\n")
        with step_by_step():
            exec(compile(code, path.name, "exec"), names)
    assert "model" in names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_are_shown_and_the_size_can_be_changed(path):
    """Without the first line, a figure is a line of text."""
    first = "".join(code_cells(path)[0]["source"])
    assert first.startswith("%matplotlib inline\n")
    assert SIZE in first


@pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
def test_outputs_are_those_of_one_run_without_warnings(path):
    cells = code_cells(path)
    counts = [cell["execution_count"] for cell in cells]
    assert counts == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert all(output["output_type"] != "error" for output in outputs)
    texts = ["".join(output.get("text", "")) for output in outputs]
    assert not [text for text in texts if "Warning:" in text]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert path.stat().st_size < 500_000
