"""The database of a search, and what can be wrong with it."""

import contextlib
import pathlib
import random
import re
import time
import warnings

from mtvision.experiments.searching.database_url import hidden, parsed_url

# How many seconds a write waits for others: SQLite lets one in at a time.
LOCK_TIMEOUT = 60
# What pip calls the drivers that are imported by another name.
PACKAGES = {
    "psycopg": '"psycopg[binary]"',
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
}
STRICT_DRIVERS = ("mysql", "mysql+mysqldb", "mysql+pymysql")
# A worker that is silent for so many heartbeats is taken for dead.
GRACE = 3


def open_storage(url, *, heartbeat, must_exist=False):
    """Opens a database for workers that give signs of life.

    Args:
        url: URL as SQLAlchemy takes it: `sqlite:///file`,
            `postgresql://user:password@host/database` or `mysql://...`.
        heartbeat: Seconds between two signs of life of a worker.
        must_exist: Whether a missing database is an error.

    Returns:
        Optuna's storage.

    Raises:
        ValueError: If the URL is none, the database is missing, or holds
            something else.
        ImportError: If its driver is not installed.
        TimeoutError: If it is locked.
        ConnectionError: If it cannot be reached.
    """
    parsed = parsed_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    if is_file and must_exist and not pathlib.Path(parsed.database).exists():
        raise ValueError(
            f"There is no database {parsed.database}. Expected one that a "
            "search has written: look whether the folder is right."
        )
    options = _engine_options(parsed)
    with clear_errors(url):
        _require_own(url, options, must_exist)
        return _opened(url, options, heartbeat, make_tables=not must_exist)


@contextlib.contextmanager
def clear_errors(url):
    """Says what is wrong with a database, and what to do.

    Args:
        url: Its URL.

    Raises:
        ValueError, TimeoutError, ConnectionError: Instead of SQLAlchemy's and
            Optuna's.
    """
    import optuna
    from sqlalchemy import exc

    try:
        yield
    # Optuna meets the last one where it cannot even look at a failed trial.
    except (
        exc.DBAPIError,
        optuna.exceptions.StorageInternalError,
        UnboundLocalError,
    ) as error:
        cause = _database_error(error)
        if cause is None:
            raise
        raise _clear_error(url, cause) from error


def _clear_error(url, cause):
    place = f"the database {hidden(url)}"
    cause = " ".join(str(cause).split()).rstrip(".")
    text = cause.lower()
    if "locked" in text:
        return TimeoutError(
            f"Another process has locked {place} for more than "
            f"{LOCK_TIMEOUT} seconds. End it, or on a network drive use "
            "PostgreSQL or MySQL; then run the same command again: "
            "finished trials are there."
        )
    if re.search("not a database|malformed|no such (table|column)", text):
        return ValueError(
            f"{place.capitalize()} is a file of another kind, or broken "
            f"({cause}). Give another name, or remove it."
        )
    if "too long" in text or "incorrect string" in text:
        return ValueError(
            f"A name or value of this search does not fit into {place} "
            f"({cause}). MySQL's texts end at 65535 bytes, and hold all signs "
            "only if the database has CHARACTER SET utf8mb4. Shorten it, or "
            "use PostgreSQL."
        )
    look = "the server runs and can be reached, and user, password and "
    look += "database in the URL are right"
    if parsed_url(url).get_backend_name() == "sqlite":
        look = "the folder exists and may be written to"
    return ConnectionError(
        f"Cannot use {place}: {cause}. Look whether {look}; then run the same "
        "command again: finished trials are there."
    )


def open_study(storage, name, directions):
    """Opens a study, or makes it if it is not there.

    Args:
        storage: From `open_storage`.
        name: Of the study.
        directions: List of `"maximize"` or `"minimize"`.

    Returns:
        Optuna's study.

    Raises:
        ValueError: If the database takes it for a study of another name.
    """
    import optuna

    study = optuna.create_study(
        storage=storage,
        study_name=name,
        directions=directions,
        load_if_exists=True,
    )
    found = storage.get_study_name_from_id(storage.get_study_id_from_name(name))
    if found != name:
        raise ValueError(
            f"Expected a name that is not taken, received {name!r}, which this "
            f"database does not tell from the study {found!r}: MySQL does "
            "without capitals and accents. Give another name."
        )
    return study


@contextlib.contextmanager
def quiet_optuna():
    """Keeps Optuna from logging, for a search has its own lines."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", optuna.exceptions.ExperimentalWarning
            )
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _database_error(error):
    """The driver's own error, of what an error came from."""
    from sqlalchemy import exc

    while error is not None and not isinstance(error, exc.DBAPIError):
        error = error.__cause__ or error.__context__
    return error and error.orig


def _engine_options(parsed):
    options = {"pool_pre_ping": True}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": LOCK_TIMEOUT}
    elif parsed.drivername in STRICT_DRIVERS:
        # Some servers would cut texts that are too long, in silence.
        mode = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
        options["connect_args"] = {"init_command": mode}
    return options


def _require_own(url, options, must_exist):
    """Raises if a database holds something else than studies, or nothing."""
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(url, **options)
    except sqlalchemy.exc.NoSuchModuleError as error:
        raise ValueError(
            f"SQLAlchemy knows no database of the kind {hidden(url)}: {error}."
        ) from error
    except ImportError as error:
        package = PACKAGES.get(error.name, error.name or PACKAGES["psycopg"])
        raise ImportError(
            f"The driver of the database {hidden(url)} is not installed "
            f"({error}). Install it: `pip install {package}`.",
            name=error.name,
        ) from error
    tables = sqlalchemy.inspect(engine).get_table_names()
    engine.dispose()
    if (tables or must_exist) and "studies" not in tables:
        raise ValueError(
            f"The database {hidden(url)} holds other tables "
            f"({sorted(tables)[:5]}) and no study. Give one of its own."
        )


def _opened(url, options, heartbeat, make_tables):
    """Several workers may make the tables at once: then one of them fails."""
    import optuna
    import sqlalchemy

    from mtvision.experiments.searching.patient_storage import PatientStorage

    retry = optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=3)
    for attempts_left in reversed(range(10)):
        try:
            return PatientStorage(
                # It fills in what stands in braces.
                url.replace("{", "{{").replace("}", "}}"),
                engine_kwargs=options,
                heartbeat_interval=heartbeat,
                grace_period=GRACE * heartbeat,
                heartbeat_stale_trial_callback=retry,
                skip_table_creation=not make_tables,
            )
        except (
            sqlalchemy.exc.DatabaseError,
            AssertionError,
            RuntimeError,
        ) as error:
            if "locked" in str(error) or not attempts_left:
                raise
            time.sleep(random.uniform(0.1, 0.5))
