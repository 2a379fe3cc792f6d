"""One run: a model is built, trained and measured, and leaves a record."""

import datetime
import importlib.metadata
import os
import platform
import time
import weakref

import keras
import numpy as np

from mtvision.balancing import diagnose
from mtvision.experiments.runs.argument_checks import check_callbacks
from mtvision.experiments.runs.fresh_session import fresh_session
from mtvision.experiments.runs.keyword_values import describe_value, fresh_value
from mtvision.experiments.runs.keywords import call_with
from mtvision.experiments.runs.step_timer import StepTimer
from mtvision.training import MultiTaskModel

# Variables that a run has trained, by identity; they have no hash.
_trained = weakref.WeakValueDictionary()


def train_once(
    build,
    train,
    valid,
    *,
    values,
    seed,
    epochs,
    name,
    callbacks=(),
    logs=None,
    conflicts=True,
    verbose=0,
):
    """Trains one model, and measures it on the validation split.

    Args:
        build: Function of keywords to a compiled `MultiTaskModel`, a new one
            at each call.
        train: Data as `fit` takes them: a tuple of arrays `(x, y)` or
            `(x, y, sample_weight)`, or a data set; or a function of keywords
            that makes them.
        valid: The same of the validation split, or `None`.
        values: Dict of keywords; each function gets those that it takes.
        seed: Whole number, for all random numbers, and a keyword too.
        epochs: Number of epochs.
        name: Name of the run.
        callbacks: List of Keras callbacks, or a function of the run's name to
            one.
        logs: Folder of TensorBoard's logs, or `None`.
        conflicts: Whether `mtvision.balancing.diagnose` looks at the trained
            model on a first batch.
        verbose: As for `fit`.

    Returns:
        The model, and its record: a dict of `name`, `tasks`, `seed`,
        `epochs`, `values`, `history`, `validation`, `conflicts`, `seconds`,
        `step_seconds`, `parameters`, `backend`, `versions`, `machine` and
        `time`, all of JSON's types.

    Raises:
        ValueError: If `build` or the data are not what they should be.
    """
    start = time.perf_counter()
    fresh_session(seed)
    keywords = {
        key: fresh_value(value, key) for key, value in values.items()
    } | {"seed": seed}
    train = open_data(train, keywords, "train")
    valid = open_data(valid, keywords, "valid")
    model = _built(build, keywords)
    timer = StepTimer()
    given = callbacks_of(callbacks, name)
    if logs is not None:
        given.insert(0, keras.callbacks.TensorBoard(logs, write_graph=False))
    history = model.fit(
        **_arguments(train),
        validation_data=valid,
        epochs=epochs,
        callbacks=[timer, *given],
        verbose=verbose,
    )
    record = {
        "name": name,
        "tasks": model.task_names,
        "seed": seed,
        "epochs": len(history.epoch),
        "values": describe_value(values),
        "history": _logged(history.history),
        # Of the model that is left: a callback may have put back others than
        # those of the last epoch.
        "validation": {} if valid is None else measure(model, valid),
        **(_conflicts(model, train if valid is None else valid, conflicts)),
        "seconds": time.perf_counter() - start,
        "step_seconds": timer.median_seconds(),
        "parameters": model.count_params(),
        **_circumstances(),
    }
    return model, record


def callbacks_of(callbacks, name):
    """The callbacks of a run.

    Args:
        callbacks: List of them, or a function of the run's name to one.
        name: Of the run.

    Returns:
        A new list.

    Raises:
        ValueError: If they are no callbacks.
    """
    found = callbacks(name) if callable(callbacks) else callbacks
    check_callbacks(found)
    return list(found)


def open_data(data, keywords, label):
    """Data, or what a function of keywords makes them.

    Args:
        data: Data, a function, or `None`.
        keywords: Dict of values by name.
        label: What it is called, for messages.

    Returns:
        The data.

    Raises:
        ValueError: If they can be gone through once only.
    """
    data = call_with(data, keywords) if callable(data) else data
    if hasattr(data, "__next__"):
        raise ValueError(
            f"Expected data that can be gone through again and again as "
            f"`{label}`, received an iterator. Give the data set itself, "
            "arrays, or a function that makes the data anew."
        )
    return data


def measure(model, data):
    """Evaluates a model.

    Args:
        model: A compiled model.
        data: As `fit` takes them; arrays as a tuple.

    Returns:
        Dict of floats by name of the metric, the losses among them.
    """
    found = model.evaluate(**_arguments(data), verbose=0, return_dict=True)
    return {name: _rounded(value) for name, value in found.items()}


def _built(build, keywords):
    model = call_with(build, keywords)
    if not isinstance(model, MultiTaskModel):
        raise ValueError(
            "Expected `build` to return a compiled MultiTaskModel, received "
            f"{model!r}."
        )
    if not model.compiled:
        raise ValueError(
            "Expected `build` to return a compiled model, received one that "
            "is not. Call `compile` before `return model`."
        )
    for variable in model.trainable_variables:
        if _trained.get(id(variable)) is variable:
            raise ValueError(
                f"`build` returned a model whose {variable.path!r} an earlier "
                "run has trained. Make all layers that are trained inside of "
                "`build`, so that each run begins anew."
            )
    _trained.update({id(each): each for each in model.trainable_variables})
    return model


def _arguments(data):
    if isinstance(data, tuple):
        return dict(zip(("x", "y", "sample_weight"), data))
    return {"x": data}


def _logged(history):
    return {
        name: [_rounded(value) for value in values]
        for name, values in history.items()
    }


def _rounded(value):
    """What is computed in float32 has seven digits; more only fill records."""
    return float(f"{float(value):.7g}")


def _conflicts(model, data, wanted):
    """Rows of `diagnose`, or why there are none."""
    if not wanted or len(model.task_names) < 2:
        return {"conflicts": None}
    try:
        return {"conflicts": diagnose(model, _first_batch(data))}
    except ValueError as error:
        return {"conflicts": None, "conflicts_error": str(error)}


def _first_batch(data):
    if isinstance(data, tuple):
        return tuple(
            keras.tree.map_structure(lambda a: a[:32], x) for x in data
        )
    if isinstance(data, keras.utils.PyDataset):
        return data[0]
    batch = next(iter(data))
    return keras.tree.map_structure(keras.ops.convert_to_numpy, batch)


def _circumstances():
    """Where and with what, for whoever wants to repeat it."""
    import mtvision

    backend = keras.backend.backend()
    versions = {
        "mtvision": mtvision.__version__,
        "keras": keras.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    for package in (backend, "optuna"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    now = datetime.datetime.now(datetime.UTC)
    return {
        "backend": backend,
        "versions": versions,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "time": now.isoformat(timespec="seconds"),
    }
