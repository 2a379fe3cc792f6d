import zipfile

import keras
import pytest

import mtvision as mtv
from batteries.small_search import build
from mtvision.command_line import main
from mtvision.command_line.show import headline


def cells(said):
    """The rows of a table, by the first cell."""
    rows = [line.strip("|").split("|") for line in said.splitlines()]
    rows = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    return {row[0]: row[1:] for row in rows}


def test_a_file_and_the_model_it_builds(script, capsys):
    assert main(["show", script()]) == 0
    from_file = capsys.readouterr().out
    assert cells(from_file)["a"] == ["(B, 1)", "mse", "1", "mae", "15", "4"]
    method = mtv.balancing.CAGrad(c=0.25)
    build(balancing=method, loss_weights={"a": 0.5, "b": 2}).save("a.keras")
    assert main(["show", "a.keras"]) == 0
    said = capsys.readouterr().out
    assert cells(said)["b"] == ["(B, 1)", "mse", "2", "mae", "15", "4"]
    assert "2 tasks" in said
    assert "optimizer SGD; balancing CAGrad(" in said
    assert "c=0.25" in said


def test_a_model_that_is_not_compiled():
    x = keras.Input((3,))
    heads = {"a": keras.layers.Dense(2)(x)}
    model = mtv.MultiTaskModel(x, heads, name="bare")
    line = "bare: 1 tasks; 8 parameters, 8 of them trained; not compiled"
    assert headline(model) == line


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("del build", "small.py names no `build`"),
        ("def build(rate): pass", "as in `def build(rate=None)`"),
        ("build = lambda: 3", "small.py gives a int; expected a MultiTask"),
        ("import sys; sys.exit()", "small.py ends the program while it is"),
        ("def build(: pass", "invalid syntax"),
    ],
)
def test_what_cannot_be_shown(script, capsys, lines, words):
    assert main(["show", script(lines)]) == 2
    assert words in capsys.readouterr().err


def test_an_archive_that_unfolds_to_gigabytes(tmp_path, capsys):
    path = tmp_path / "bomb.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(2**25))
    assert main(["show", str(path)]) == 1
    assert "'config.json' unfolds from" in capsys.readouterr().err


def test_names_do_not_command_the_terminal(tmp_path, capsys):
    x = keras.Input((3,))
    model = mtv.MultiTaskModel(x, {"\x1b[31mred": keras.layers.Dense(2)(x)})
    model.save(tmp_path / "red.keras")
    assert main(["show", str(tmp_path / "red.keras")]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert r"\x1b[31mred" in said


def test_a_broken_model_ends_with_1(tmp_path, capsys):
    path = tmp_path / "broken.keras"
    path.write_text("no model")
    assert main(["show", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("mtvision show: error: ")
    assert str(path) in said
