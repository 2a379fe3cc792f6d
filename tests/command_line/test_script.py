import sys

import pytest

from mtvision.command_line.script import read_script
from mtvision.command_line.usage_error import UsageError


def test_modules_beside_a_file_and_its_own_options(script, tmp_path):
    (tmp_path / "beside_small.py").write_text("number = 3\n")
    lines = """
    import sys
    from beside_small import number
    own = sys.argv
    """
    before = sys.argv
    names = read_script(script(lines, base=""))
    assert names["number"] == 3
    assert names["own"] == ["small.py"]
    assert sys.argv is before


def test_a_file_named_as_a_module_does_not_replace_it(tmp_path):
    import json

    (tmp_path / "json.py").write_text("dumps = None\n")
    assert read_script(tmp_path / "json.py")["dumps"] is None
    assert sys.modules["json"] is json


def test_a_missing_optuna_is_a_matter_of_an_extra(script, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match=r"small.py, line 1.*\[experiments\]"):
        read_script(script("import optuna\n", base=""))


def test_the_example_is_a_whole_file(script, monkeypatch):
    """What the help shows has all that each command needs."""
    import mtvision as mtv
    from mtvision.command_line.check import splits_of
    from mtvision.command_line.example import EXAMPLE
    from mtvision.command_line.script import arguments_of
    from mtvision.experiments import compare, search
    from mtvision.experiments.runs.keywords import check_keywords

    asked = []

    def load(split, num_images, fields):
        asked.append((split, num_images))
        return mtv.data.DrawnFaces(split)

    monkeypatch.setattr(mtv.data, "load_digit_scenes", load, raising=False)
    monkeypatch.setattr(mtv.data, "Batches", lambda source, *_, **__: source)
    names = read_script(script(base=EXAMPLE))
    assert [split for split, _ in asked] == ["train", "validation", "test"]
    given = arguments_of(search, names, {"name": "digits"}, "digits.py")
    check_keywords(given["space"], {"build": given["build"]})
    assert arguments_of(compare, names, {}, "digits.py")["seeds"] == 3
    assert len(splits_of(names, "digits.py")) == 3
    rows = mtv.training.describe_tasks(names["build"]())
    assert [row["task"] for row in rows] == ["digit", "mask"]
    measured = [f"{row['task']}_{row['metrics'][0]}" for row in rows]
    assert measured == list(names["objectives"])
