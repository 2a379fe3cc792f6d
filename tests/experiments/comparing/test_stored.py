"""Folders of comparisons that strangers have made or edited."""

import contextlib
import json

import pytest

from batteries.comparisons import written
from mtvision.experiments.comparing.comparison import Comparison
from mtvision.experiments.comparing.comparison_plan import FILE
from mtvision.experiments.runs import records
from mtvision.plotting.plot_figure import plot_figure

SETTINGS = ("name", "objectives", "epochs", "seeds", "split", "methods")
SETTINGS += ("alone", "shown", "backend", "command")


def edit(path, **changes):
    """Changes keys of a JSON file; `None` of `...` takes one away."""
    content = json.loads(path.read_text()) | changes
    content = {k: v for k, v in content.items() if v is not ...}
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("value", [..., 5.5, [None], [5], {"a": [1]}, "x"])
def test_edited_settings(tmp_path, name, value):
    written(tmp_path)
    edit(tmp_path / FILE, **{name: value})
    with contextlib.suppress(ValueError):
        found = Comparison(tmp_path)
        found.report(tmp_path / "report.html")
        str(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": list(range(10**5))},
        {"seeds": [10**400, "1"]},
        {"shown": ["sum", "../../other"]},
        {"alone": {"../a": ["a"]}},
        {"alone": {r"..\a": ["a"]}},
        {"objectives": {"a_acc": "up"}},
    ],
)
def test_settings_that_lead_elsewhere(tmp_path, changes):
    written(tmp_path)
    edit(tmp_path / FILE, **changes)
    with pytest.raises(ValueError, match="[Ee]xpected"):
        Comparison(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, ...) for name in ("name", "seed", "alone", "tasks")),
        *((name, ...) for name in ("step_seconds", "parameters", "test")),
        ("name", 7),
        ("seed", [1]),
        ("alone", 5),
        ("tasks", None),
        ("step_seconds", "fast"),
        ("parameters", 10**400),
        ("test", {"a_acc": None}),
        ("test", {"a_acc": "good"}),
        ("test", {"a_acc": 10**400}),
        ("test", {"a_acc": 1e308}),
        ("history", [1]),
        ("conflicts", "many"),
        ("error", 5),
    ],
)
def test_edited_records_count_as_missing(tmp_path, name, value):
    written(tmp_path)
    edit(tmp_path / "runs" / "X-1.json", **{name: value})
    with pytest.warns(UserWarning, match=rf"X-1\.json is no record.*`{name}`"):
        found = Comparison(tmp_path)
    assert "Runs that are not done yet: 1." in found.remarks
    assert {r["method"]: r["runs"] for r in found.rows()}["X"] == 2
    found.report(tmp_path / "report.html")


def test_pictures_of_elsewhere_are_not_shown(tmp_path):
    folder, secret = tmp_path / "made", tmp_path / "secret.png"
    written(folder)
    plot_figure(2, 2)[0].savefig(secret)
    link = folder / "pictures" / "sum-0.png"
    link.parent.mkdir()
    link.symlink_to(secret)
    with pytest.raises(ValueError, match="a link that leads out of its folder"):
        Comparison(folder).report(folder / "report.html")
    link.unlink()
    link.write_bytes(secret.read_bytes())
    Comparison(folder).report(folder / "report.html")
    assert "data:image/png" in (folder / "report.html").read_text()


def test_a_picture_of_gigabytes_is_not_read(tmp_path):
    written(tmp_path)
    path = tmp_path / "pictures" / "sum-0.png"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(3 * 2**30)
    with pytest.raises(ValueError, match="has more than .* bytes"):
        Comparison(tmp_path).report(tmp_path / "report.html")


def test_the_report_is_not_written_through_a_link(tmp_path):
    written(tmp_path)
    other, link = tmp_path / "other.txt", tmp_path / "report.html"
    other.write_text("mine")
    link.symlink_to(other)
    Comparison(tmp_path).report(link)
    assert other.read_text() == "mine"
    assert link.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_record_of_gigabytes_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "LARGEST", 200)
    records.write_record(tmp_path / "a", {"text": "a" * 300})
    with pytest.warns(UserWarning, match="more than 200 bytes"):
        assert records.read_record(tmp_path / "a") is None
