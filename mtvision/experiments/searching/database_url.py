"""URLs of databases: read, and shown without passwords."""

import pathlib

from mtvision.experiments.runs.command import hide_passwords


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
    return hide_passwords(parsed_url(url).render_as_string(hide_password=True))


def parsed_url(url):
    """The parts of a URL.

    Args:
        url: URL of a database.

    Returns:
        SQLAlchemy's URL.

    Raises:
        ValueError: If it is none, or lacks a part.

    Example:

    >>> parsed_url("mysql://ada:secret@host:3306/digits").database
    'digits'
    """
    import sqlalchemy

    try:
        parsed = sqlalchemy.engine.make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # Theirs may show the password.
        raise ValueError(
            "Expected the URL of a database, such as "
            "postgresql://user:password@host:5432/database or "
            f"sqlite:////folder/study.db, received {type(url).__name__} "
            "that is none."
        ) from None
    if "@" in (parsed.host or ""):
        raise ValueError(
            "Expected one @ in the URL of a database, before the host, "
            "received several. Write one that is part of user or password "
            "as %40."
        )
    if parsed.get_backend_name() in ("mysql", "mariadb") and not (
        parsed.database
    ):
        raise ValueError(
            f"Expected a database in the URL, {parsed.drivername}://user:"
            "password@host/database, received one without. Make one by "
            "`CREATE DATABASE`, and name it."
        )
    return parsed
