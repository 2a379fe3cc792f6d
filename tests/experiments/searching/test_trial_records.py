import json

import optuna
import pytest

from batteries.small_search import TRAIN, VALID, build
from mtvision.experiments.runs.training_run import train_once
from mtvision.experiments.searching.storage import quiet_optuna
from mtvision.experiments.searching.trial_records import (
    fitting,
    get_record,
    put_record,
)


def test_records_longer_than_a_text_of_mysql():
    """65535 bytes each, as JSON in JSON."""
    _, record = train_once(
        build, TRAIN, VALID, values={}, seed=0, epochs=1, name="long"
    )
    record["history"] = {f"metric {i}": [0.1234567] * 300 for i in range(60)}
    record["name"] = '"' * 1000
    with quiet_optuna():
        study = optuna.create_study()
        trial = study.ask()
        put_record(trial, record)
    stored = trial.user_attrs
    assert len(stored) > 5
    assert max(len(json.dumps(v)) for v in stored.values()) <= 65535
    assert get_record(stored) == record


@pytest.mark.parametrize("sign", ["a", '"', "ü", "\N{GRINNING FACE}", "\0"])
def test_any_text_fits_into_mysql(sign):
    end = fitting("start" + sign * 99999)
    assert len(json.dumps(end)) <= 65535
    assert end == sign * len(end)
    assert len(end) >= 5000


def test_what_is_not_whole_is_none():
    assert get_record({}) is None
    assert get_record({"record": '{"a": '}) is None
    assert get_record({"record": "{}", "pieces": 10**12}) is None
