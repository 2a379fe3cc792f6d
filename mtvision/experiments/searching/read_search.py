"""A search as its database and its folder hold it."""

import contextlib
import json
import pathlib

from mtvision.experiments.runs.objectives import Objectives
from mtvision.experiments.runs.records import read_record
from mtvision.experiments.searching.choice import choose
from mtvision.experiments.searching.database_url import (
    default_url,
    hidden,
    parsed_url,
)
from mtvision.experiments.searching.final_test import chosen_name, read_chosen
from mtvision.experiments.searching.search_result import SearchResult
from mtvision.experiments.searching.storage import (
    clear_errors,
    open_storage,
    quiet_optuna,
)
from mtvision.experiments.searching.trial_records import get_record
from mtvision.experiments.searching.watch import state_name


def load_search(folder, *, storage=None):
    """Opens a search that has ended, or still runs; changes nothing.

    Args:
        folder: Folder of the search: `folder/name` of `search`.
        storage: URL of its database, needed if that is not a SQLite file in
            the folder: a folder from elsewhere shall not make this machine
            open a connection, or a file, that it names.

    Returns:
        `SearchResult`.

    Raises:
        ValueError: If there is no search, its database is elsewhere and not
            given, or holds what `search` does not write.

    Example:

    >>> import tempfile
    >>> from optuna.distributions import FloatDistribution
    >>> def build(rate):
    ...     x = keras.Input((2,))
    ...     model = mtv.MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
    ...     model.compile(keras.optimizers.SGD(rate), loss={"a": "mse"})
    ...     return model
    >>> data = (np.ones((4, 2)), {"a": np.ones((4, 1))})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = mtv.experiments.search(
    ...         build, data, data, data,
    ...         space={"rate": FloatDistribution(0.01, 0.1)},
    ...         objectives={"loss": "minimize"}, epochs=1, trials=1,
    ...         name="rates", folder=folder, verbose=0,
    ...     )
    ...     again = load_search(result.folder)
    >>> again.name, again.chosen["number"]
    ('rates', 0)
    """
    folder = pathlib.Path(folder)
    file = read_record(folder / "search.json")
    if file is None:
        raise ValueError(
            f"There is no search in {folder}: expected a file search.json, "
            "which `search` writes. Give the folder that has the name of the "
            "search."
        )
    url = storage or _url_in(folder, file.get("storage"))
    with quiet_optuna(), clear_errors(url), _of_a_search(url):
        opened = open_storage(url, heartbeat=1, must_exist=True)
        return read_search(opened, file.get("name"), folder, url)


@contextlib.contextmanager
def _of_a_search(url):
    """Says of contents that `search` has not written that they are none."""
    try:
        yield
    except (
        AssertionError,
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        json.JSONDecodeError,
    ) as error:
        raise ValueError(
            f"The database {hidden(url)} cannot be read: something in it is "
            "missing or otherwise than `search` writes it "
            f"({type(error).__name__}: {error!s:.200})."
        ) from error


def _url_in(folder, stored):
    """URL of a database by what `search.json` says, if it is in the folder."""
    stored = default_url(folder) if stored is None else stored
    url, place = parsed_url(stored), folder.resolve()
    is_file = url.drivername == "sqlite" and url.database and not url.query
    if is_file and place in pathlib.Path(url.database).resolve().parents:
        return stored
    raise ValueError(
        f"{folder / 'search.json'} says that the database is {hidden(stored)}. "
        "Without being told, only a SQLite file in its folder is opened, as "
        "the folder may come from a stranger. If that URL is right, give it, "
        "with its password, as `storage`."
    )


def read_search(storage, name, folder, url):
    """Reads a search.

    Args:
        storage: From `open_storage`.
        name: Of the study.
        folder: Where its files are.
        url: Of the storage, for messages.

    Returns:
        `SearchResult`.

    Raises:
        ValueError: If there is no such study, or another program's.
    """
    import optuna

    names = optuna.get_all_study_names(storage)
    if name not in names:
        raise ValueError(
            f"There is no study {name!r} in {hidden(url)}; there are {names}."
        )
    study = optuna.load_study(study_name=name, storage=storage)
    asked = study.user_attrs.get("search")
    if asked is None:
        raise ValueError(
            f"The study {name!r} in {hidden(url)} is none of mtvision's. Give "
            "another name."
        )
    objectives = Objectives(asked["objectives"], asked["baselines"])
    frozen = study.get_trials(deepcopy=False)
    trials = [_row(trial, objectives) for trial in frozen]
    chosen = choose(trials, objectives)
    if chosen_name(name) in names:
        twin = optuna.load_study(study_name=chosen_name(name), storage=storage)
        chosen = read_chosen(twin) or chosen
    settings = study.user_attrs.get("settings", {})
    return SearchResult(
        name=name,
        folder=folder,
        objectives=objectives.directions,
        space=asked["space"],
        settings={"epochs": asked["epochs"], "seed": asked["seed"], **settings},
        trials=trials,
        chosen=chosen and {k: chosen[k] for k in ("number", "record")},
        log=_logarithmic(frozen),
        command=study.user_attrs.get("command"),
        study=study,
    )


def _row(trial, objectives):
    state, given = state_name(trial), trial.user_attrs
    error = given.get("error") if state == "failed" else None
    if state == "failed" and error is None:
        state = "interrupted"  # by a signal, or without any; it begins anew
    complete = state == "complete"
    values = zip(objectives.names, trial.values) if complete else ()
    return {
        "number": trial.number,
        "state": state,
        "values": dict(values),
        "parameters": dict(trial.params),
        "keywords": given.get("keywords", {}),
        "record": get_record(given),
        "error": error,
        "traceback": given.get("traceback") if state == "failed" else None,
    }


def _logarithmic(trials):
    names = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            if getattr(distribution, "log", False):
                names[name] = None
    return list(names)
