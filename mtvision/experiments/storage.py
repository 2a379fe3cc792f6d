"""The database of a search, and what can be wrong with it."""

import contextlib
import pathlib
import random
import time
import warnings

# How many seconds a write waits for others: SQLite lets one in at a time.
LOCK_TIMEOUT = 60
# A worker that is silent for so many heartbeats is taken for dead.
GRACE = 3


def default_url(folder):
    """URL of the SQLite file of a search.

    Args:
        folder: Folder of the search.

    Returns:
        String.

    Example:

    >>> default_url(pathlib.Path("/runs/digits"))
    'sqlite:////runs/digits/study.db'
    """
    path = pathlib.Path(folder).absolute() / "study.db"
    return f"sqlite:///{path}"


def hidden(url):
    """A URL without its password, to be shown and written down.

    Args:
        url: URL of a database.

    Returns:
        String.

    Example:

    >>> hidden("mysql://ada:secret@host/digits")
    'mysql://ada:***@host/digits'
    """
    return _parsed(url).render_as_string(hide_password=True)


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
    parsed = _parsed(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    if is_file and must_exist and not pathlib.Path(parsed.database).exists():
        raise ValueError(
            f"There is no database {parsed.database}. Expected one that a "
            "search has written: look whether the folder is right."
        )
    options = {"pool_pre_ping": True}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": LOCK_TIMEOUT}
    with clear_errors(url):
        _require_own(url, options)
        return _opened(url, options, heartbeat)


@contextlib.contextmanager
def clear_errors(url):
    """Says what is wrong with a database, and what to do.

    Args:
        url: Its URL.

    Raises:
        ValueError, ImportError, TimeoutError, ConnectionError: Instead of
            SQLAlchemy's and Optuna's.
    """
    import optuna
    from sqlalchemy import exc

    place = f"the database {hidden(url)}"
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f"The driver of {place} is not installed ({error}). Install it, "
            "for instance with `pip install psycopg2-binary` for PostgreSQL "
            "or `pip install mysqlclient` for MySQL."
        ) from error
    # Optuna meets the last one where it cannot even look at a failed trial.
    except (
        exc.DBAPIError,
        optuna.exceptions.StorageInternalError,
        UnboundLocalError,
    ) as error:
        cause = _database_error(error)
        if cause is None:
            raise
        text = str(cause).lower()
        if "locked" in text:
            raise TimeoutError(
                f"Another process has locked {place} for more than "
                f"{LOCK_TIMEOUT} seconds. End it, or on a network drive use "
                "PostgreSQL or MySQL; then run the same command again: "
                "finished trials are there."
            ) from error
        if "not a database" in text or "malformed" in text:
            raise ValueError(
                f"{place.capitalize()} is a file of another kind, or broken "
                f"({cause}). Give another name, or remove it."
            ) from error
        raise ConnectionError(
            f"Cannot use {place}: {cause}. Look whether the server runs, the "
            "folder exists and may be written to, and user and password are "
            "right; then run the same command again: finished trials are "
            "there."
        ) from error


def open_study(storage, name, directions):
    """Opens a study, or makes it if it is not there.

    Args:
        storage: From `open_storage`.
        name: Of the study.
        directions: List of `"maximize"` or `"minimize"`.

    Returns:
        Optuna's study.
    """
    import optuna

    return optuna.create_study(
        storage=storage,
        study_name=name,
        directions=directions,
        load_if_exists=True,
    )


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


def _parsed(url):
    import sqlalchemy

    try:
        return sqlalchemy.engine.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise ValueError(
            "Expected the URL of a database, such as "
            "postgresql://user:password@host/database or "
            f"sqlite:////folder/study.db, received {type(url).__name__} "
            "that is none."
        ) from error


def _require_own(url, options):
    """Raises if a database holds something else than studies."""
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(url, **options)
    except sqlalchemy.exc.NoSuchModuleError as error:
        raise ValueError(
            f"SQLAlchemy knows no database of the kind {hidden(url)}: {error}."
        ) from error
    tables = sqlalchemy.inspect(engine).get_table_names()
    engine.dispose()
    if tables and "studies" not in tables:
        raise ValueError(
            f"The database {hidden(url)} holds other tables "
            f"({sorted(tables)[:5]}) and no study. Give one of its own."
        )


def _opened(url, options, heartbeat):
    """Several workers may make the tables at once: then one of them fails."""
    import optuna
    import sqlalchemy

    retry = optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=3)
    for attempts_left in reversed(range(10)):
        try:
            return optuna.storages.RDBStorage(
                # It fills in what stands in braces.
                url.replace("{", "{{").replace("}", "}}"),
                engine_kwargs=options,
                heartbeat_interval=heartbeat,
                grace_period=GRACE * heartbeat,
                heartbeat_stale_trial_callback=retry,
            )
        except (
            sqlalchemy.exc.DatabaseError,
            AssertionError,
            RuntimeError,
        ) as error:
            if "locked" in str(error) or not attempts_left:
                raise
            time.sleep(random.uniform(0.1, 0.5))
