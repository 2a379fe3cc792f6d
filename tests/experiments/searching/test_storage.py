import json
import sqlite3

import pytest

from batteries.small_search import VALID, run
from mtvision.experiments import load_search
from mtvision.experiments.searching import storage
from mtvision.experiments.searching.storage import hidden, open_storage

# Optuna's thread of heartbeats meets the locks, too.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)


def url_of(path):
    return f"sqlite:///{path}"


def test_a_locked_database_says_so_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "LOCK_TIMEOUT", 0.1)
    path = tmp_path / "study.db"
    run(tmp_path, storage=url_of(path), trials=1, test=None)
    lock = sqlite3.connect(path)
    lock.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TimeoutError, match="locked the database.*End it"):
        run(tmp_path, storage=url_of(path), test=None)
    lock.rollback()
    lock.close()
    result = run(tmp_path, storage=url_of(path), test=None)
    assert [t["state"] for t in result.trials] == ["complete"] * 3


def test_a_lock_in_the_middle_keeps_the_record(tmp_path, monkeypatch):
    """Another process holds the database while a trial ends."""
    monkeypatch.setattr(storage, "LOCK_TIMEOUT", 0.1)
    path, locks = tmp_path / "study.db", []

    def valid():
        if len(locks) == 0:
            locks.append(sqlite3.connect(path))
            locks[0].execute("BEGIN EXCLUSIVE")
        return VALID

    with (
        pytest.warns(UserWarning, match=r"unsaved-0\.json"),
        pytest.raises(TimeoutError, match="run the same command again"),
    ):
        run(tmp_path, valid=valid, storage=url_of(path), test=None)
    locks[0].rollback()
    locks[0].close()
    options = {"storage": url_of(path), "test": None, "heartbeat": 1}
    result = run(tmp_path, valid=valid, **options)
    assert [t["state"] for t in result.trials].count("complete") == 3
    assert (tmp_path / "small" / "unsaved-0.json").exists()


def test_a_missing_database_cannot_be_read(tmp_path):
    run(tmp_path, trials=1, test=None)
    (tmp_path / "small" / "study.db").unlink()
    with pytest.raises(ValueError, match=r"no database .*study\.db"):
        load_search(tmp_path / "small")
    assert not (tmp_path / "small" / "study.db").exists()
    with pytest.raises(ValueError, match=r"no search in .*search\.json"):
        load_search(tmp_path)


@pytest.mark.parametrize("lost", [["studies"], ["trials"], None])
def test_what_is_missing_is_not_made_by_a_reader(tmp_path, lost):
    run(tmp_path, trials=1, test=None)
    path = tmp_path / "small" / "study.db"
    with sqlite3.connect(path) as database:
        names = database.execute("SELECT name FROM sqlite_master")
        names = [n for (n,) in names if not n.startswith(("ix_", "sqlite_"))]
        for name in lost or names:
            database.execute(f"DROP TABLE {name}")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="no study|no such table: trials"):
        load_search(tmp_path / "small")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("study_user_attributes", "search", '"text"'),
        ("study_user_attributes", "search", "{}"),
        ("trial_user_attributes", "pieces", '"many"'),
        ("trial_user_attributes", "record", '{"a'),
        ("trial_user_attributes", "keywords", "not JSON"),
    ],
)
def test_edited_databases(tmp_path, table, key, value):
    run(tmp_path, trials=1, test=None)
    with sqlite3.connect(tmp_path / "small" / "study.db") as database:
        change = f"UPDATE {table} SET value_json = ? WHERE key = ?"
        assert database.execute(change, (value, key)).rowcount
    with pytest.raises(
        ValueError, match=r"database .*study\.db cannot be read"
    ):
        load_search(tmp_path / "small")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    run(tmp_path, trials=1, test=None)
    other, link = tmp_path / "other.db", tmp_path / "small" / "study.db"
    other.touch()
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(ValueError, match="only a SQLite file in its folder"):
        load_search(link.parent)
    assert other.stat().st_size == 0


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ConnectionError, match="unable to open.*folder exists"):
        run(tmp_path, storage=url_of(tmp_path / "none" / "study.db"))


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "notes.txt").write_text("no database" * 100)
    with pytest.raises(ValueError, match="file of another kind"):
        run(tmp_path, storage=url_of(tmp_path / "notes.txt"))
    assert (tmp_path / "notes.txt").read_text() == "no database" * 100


def test_a_database_of_others_is_left_alone(tmp_path):
    path = tmp_path / "wages.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE wages (amount)")
    with pytest.raises(ValueError, match=r"other tables \(\['wages'\]\)"):
        run(tmp_path, storage=url_of(path))
    tables = sqlite3.connect(path).execute("SELECT name FROM sqlite_master")
    assert tables.fetchall() == [("wages",)]


def test_a_study_of_others_is_left_alone(tmp_path):
    import optuna

    url = url_of(tmp_path / "theirs.db")
    study = optuna.create_study(storage=url, study_name="small")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with pytest.raises(ValueError, match="'small' in .* is none of mtvision"):
        run(tmp_path, storage=url)


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("study.db", ValueError, "Expected the URL of a database"),
        ("nosuch://host/db", ValueError, "knows no database of the kind"),
        (
            "postgresql+nosuch://u:secret@host/db",
            ValueError,
            r"u:\*\*\*@host",
        ),
    ],
)
def test_wrong_urls(tmp_path, url, error, message):
    with pytest.raises(error, match=message) as raised:
        run(tmp_path, storage=url)
    assert "secret" not in str(raised.value)


def test_a_missing_driver_says_what_to_install(tmp_path):
    with pytest.raises(ImportError, match="pip install psycopg2-binary") as e:
        run(tmp_path, storage="postgresql+psycopg2://u:secret@localhost:1/db")
    assert "secret" not in str(e.value)


def test_passwords_are_not_written_down(tmp_path):
    run(tmp_path, trials=1, test=None)
    file = tmp_path / "small" / "search.json"
    url = "postgresql://u:secret@host/db"
    file.write_text(file.read_text().replace("null", f'"{hidden(url)}"', 1))
    with pytest.raises(ValueError, match=r"u:\*\*\*@host.*as `storage`"):
        load_search(tmp_path / "small")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://localhost:1/db",
        "postgresql+strange_driver://localhost:1/db",
        "sqlite:////etc/study.db",
        "sqlite:///study.db",
        "sqlite:///{folder}/../study.db",
        "sqlite:///file:{folder}/study.db?uri=true",
        "sqlite+pysqlcipher:///{folder}/study.db",
        "sqlite://",
    ],
)
def test_a_file_names_no_database_elsewhere(tmp_path, url):
    """A folder may come from a stranger."""
    write_search(tmp_path, url.format(folder=tmp_path))
    with pytest.raises(ValueError, match=r"search\.json.*give it.*`storage`"):
        load_search(tmp_path)


@pytest.mark.parametrize("stored", ["study.db", 5, ["sqlite://"]])
def test_a_file_that_names_no_url(tmp_path, stored):
    write_search(tmp_path, stored)
    with pytest.raises(ValueError, match="Expected the URL of a database"):
        load_search(tmp_path)


def test_a_database_elsewhere_that_is_told(tmp_path):
    url = url_of(tmp_path / "study.db")
    run(tmp_path, trials=1, test=None, storage=url)
    with pytest.raises(ValueError, match="as `storage`"):
        load_search(tmp_path / "small")
    assert len(load_search(tmp_path / "small", storage=url).trials) == 1
    write_search(tmp_path, url)
    assert len(load_search(tmp_path).trials) == 1


def write_search(folder, url):
    """Writes a file that names a database."""
    record = {"name": "small", "storage": url}
    (folder / "search.json").write_text(json.dumps(record))


def test_braces_in_a_path(tmp_path):
    folder = tmp_path / "{run}"
    folder.mkdir()
    with storage.quiet_optuna():
        open_storage(url_of(folder / "study.db"), heartbeat=1)
    assert (folder / "study.db").exists()


def test_other_errors_stay_what_they_are(tmp_path):
    with pytest.raises(KeyError), storage.clear_errors("sqlite://"):
        raise KeyError("mine")
