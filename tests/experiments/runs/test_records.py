import math

import numpy as np
import pytest

from mtvision.experiments.runs.records import read_record, to_json, write_record


def test_what_is_written_is_read(tmp_path):
    record = {"a": [1, 0.1, None, "x"], "b": {"c": math.inf, "d": -math.inf}}
    write_record(tmp_path / "new" / "run.json", record)
    assert read_record(tmp_path / "new" / "run.json") == record
    write_record(tmp_path / "new" / "run.json", {"nan": math.nan})
    assert math.isnan(read_record(tmp_path / "new" / "run.json")["nan"])
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["run.json"]


def test_numpy_becomes_plain():
    record = {"a": np.float32(0.5), "b": np.arange(2), "c": np.bool_(True)}
    assert to_json(record) == '{"a": 0.5, "b": [0, 1], "c": true}'


def test_what_json_does_not_know_is_refused_and_leaves_the_file(tmp_path):
    path = tmp_path / "run.json"
    write_record(path, {"a": 1})
    with pytest.raises(TypeError, match=r"object.*of type object"):
        write_record(path, {"a": object()})
    assert read_record(path) == {"a": 1}
    assert [f.name for f in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2', "", "[1]", "[" * 100_000], ids=range(4)
)
def test_half_a_record_counts_as_none_and_says_so(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.warns(UserWarning, match=r"run\.json is no whole record"):
        assert read_record(path) is None


def test_a_missing_record_is_none(tmp_path):
    assert read_record(tmp_path / "run.json") is None
