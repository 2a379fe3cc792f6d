"""Every method on every seed, beside models of single tasks."""

import pathlib

from mtvision.experiments.comparing import comparison_plan as plan
from mtvision.experiments.comparing.comparison import Comparison
from mtvision.experiments.comparing.comparison_run import ComparisonRun
from mtvision.experiments.runs.argument_checks import (
    check_arguments,
    check_seeds,
)
from mtvision.experiments.runs.keywords import check_keywords
from mtvision.experiments.runs.objectives import (
    DELTA_M,
    Objectives,
    UnknownMetric,
)


def compare(
    build,
    train,
    valid,
    test=None,
    *,
    methods,
    objectives,
    epochs,
    seeds=5,
    name="methods",
    folder="runs",
    alone=None,
    callbacks=(),
    picture=None,
    verbose=1,
):
    """Trains each method, the plain sum and each task alone on every seed.

    All get the same data and epochs. Each run leaves one file when it ends;
    the same call after an interruption repeats none that is there, and tries
    again those that failed. Several at the same time, in processes that see
    one folder, share the runs. A later call of the same `name` may add methods
    and seeds. That `build` and the data have stayed the same is not checked.

    Args:
        build: Function of keywords to a compiled `MultiTaskModel`, a new one
            at each call. It gets `seed`, `balancing` and the keywords of
            `methods`, as far as it takes them.
        train: Data as `fit` takes them, arrays as a tuple; or a function of
            the same keywords that makes them.
        valid: The same of the validation split, or `None`.
        test: The same of the test split, measured once a run, after the last
            epoch; `None` compares on the validation split.
        methods: List of objects of `mtvision.balancing`; or dict from name to
            one, or to a dict of keywords, such as `{"tuned": {"loss_weights":
            {...}}}`. `"sum"`, without balancing, is always there.
        objectives: Dict of `"maximize"` or `"minimize"` by metric, named as in
            the logs without `val_`, such as `"digit_accuracy"`.
        epochs: Number of epochs of each run.
        seeds: Their number, from 0 on, or a list of whole numbers.
        name: Name of the comparison, and of its folder in `folder`.
        folder: Where comparisons are kept.
        alone: Dict from name to a list of outputs that are trained together
            as one task, for models with several outputs a task; an empty one
            to train none alone. By default each task that has an objective.
        callbacks: List of Keras callbacks, or a function of a run's name to
            one.
        picture: Function of a trained model to a matplotlib `Figure`, drawn
            for the first seed.
        verbose: 1 prints a line for each run, 0 nothing.

    Returns:
        A `Comparison`: `print` shows its table.

    Raises:
        ValueError: If an argument is wrong, a keyword is taken by no
            function, an objective is not measured, or the folder has another
            comparison.
        RuntimeError: If every run of the first seed fails.

    Example:

    >>> def build(balancing=None):
    ...     x = keras.Input((4,))
    ...     trunk = keras.layers.Dense(3)(x)
    ...     heads = {t: keras.layers.Dense(1)(trunk) for t in ("a", "b")}
    ...     model = mtv.MultiTaskModel(x, heads)
    ...     model.compile("sgd", {"a": "mse", "b": "mse"}, balancing=balancing)
    ...     return model
    >>> data = np.eye(4), {"a": np.ones((4, 1)), "b": np.zeros((4, 1))}
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = compare(
    ...         build, data, data, methods=[mtv.balancing.UPGrad()],
    ...         objectives={"a_loss": "minimize", "b_loss": "minimize"},
    ...         epochs=1, seeds=1, folder=folder, verbose=0)
    >>> [row["method"] for row in result.rows()]
    ['alone', 'sum', 'UPGrad']

    Reference:
        Maninis et al., Attentive Single-Tasking of Multiple Tasks, 2019, for
        delta m.
    """
    check_arguments(build, train, epochs, name, folder, callbacks, verbose)
    objectives = _objectives(objectives)
    seeds = check_seeds(seeds)
    methods = plan.method_values(methods, build)
    functions = {"build": build, "train": train, "valid": valid, "test": test}
    for values in methods.values():
        check_keywords(values, functions)
    if valid is None and test is None:
        raise ValueError("Expected `valid` or `test` to measure on.")
    folder = pathlib.Path(folder) / name
    settings = {
        "epochs": epochs,
        "seeds": seeds,
        "objectives": objectives.directions,
        "split": "validation" if test is None else "test",
        "methods": methods,
        "alone": alone or {},
    }
    plan.remember(folder, settings)
    run = ComparisonRun(
        *(build, train, valid, test),
        folder=folder,
        objectives=objectives,
        epochs=epochs,
        callbacks=callbacks,
        picture=picture,
        pictured_seed=seeds[0],
        verbose=verbose,
    )
    _run_all(run, settings, alone)
    return Comparison(folder)


def _run_all(run, settings, alone):
    """Seed by seed, so that whatever interrupts it leaves whole seeds."""
    methods, seeds = settings["methods"], settings["seeds"]
    # The first seed says which tasks there are to train alone.
    records = run.all(
        [(name, seeds[0], values) for name, values in methods.items()]
    )
    tasks = next((r["tasks"] for r in records if "tasks" in r), None)
    if tasks is None:
        raise RuntimeError(
            "Every run of the first seed failed. The last one:\n"
            f"{records[-1]['traceback']}"
        )
    if alone is None:
        alone = plan.alone_groups(settings["objectives"], tasks)
        plan.remember(run.folder, settings | {"alone": alone})
    plan.check_groups(alone, tasks)
    jobs = [(name, values, None) for name, values in methods.items()]
    plain = methods[plan.SUM]
    jobs += [(f"{plan.ALONE}-{g}", plain, alone[g]) for g in alone]
    run.all([(name, seed, *rest) for seed in seeds for name, *rest in jobs])


def _objectives(objectives):
    if isinstance(objectives, dict) and DELTA_M in objectives:
        raise UnknownMetric(
            f"A comparison measures {DELTA_M!r} by itself. Leave it out, and "
            "give the metrics that it is taken of."
        )
    return Objectives(objectives)
