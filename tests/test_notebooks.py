"""The notebooks run from top to bottom, on little data."""

import json
import pathlib
import re

import pytest

NOTEBOOKS = sorted(
    (pathlib.Path(__file__).parents[1] / "notebooks").glob("*.ipynb")
)
SIZE = "IMAGES, EPOCHS = "


def cells_of(path):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    names = {}
    for code in cells_of(path):
        code = re.sub(f"{SIZE}.*", f"{SIZE}64, 1", code)
        code = code.removeprefix("%matplotlib inline\n")
        exec(compile(code, path.name, "exec"), names)
    assert "model" in names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_are_shown_and_the_size_can_be_changed(path):
    """Without the first line, a figure is a line of text."""
    first = next(cells_of(path))
    assert first.startswith("%matplotlib inline\n")
    assert SIZE in first
