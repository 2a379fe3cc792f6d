"""Searches: many trials, by any number of workers, into one study."""

import importlib.util
import pathlib

from mtvision.experiments.runs.argument_checks import check_arguments
from mtvision.experiments.runs.objectives import Objectives
from mtvision.experiments.searching.database_url import default_url
from mtvision.experiments.searching.samplers import make_pruner, make_sampler
from mtvision.experiments.searching.search_plan import SearchPlan
from mtvision.experiments.searching.search_steps import run_search
from mtvision.experiments.searching.storage import clear_errors, quiet_optuna
from mtvision.experiments.spaces.space import Space
from mtvision.ops.option_checks import require_count


def search(
    build,
    train,
    valid,
    test,
    *,
    space,
    objectives,
    epochs,
    name,
    trials=None,
    sampler="tpe",
    grid_points=3,
    pruner=None,
    baselines=None,
    picture=None,
    callbacks=(),
    folder="runs",
    storage=None,
    heartbeat=20,
    seed=0,
    verbose=1,
):
    """Searches loss weights, methods of balancing, or any other keyword.

    Each trial builds a model with the keywords that the sampler chooses,
    trains it, and measures it on the validation split. At the end the chosen
    trial is trained anew, and measured on the test split, once.

    The same call again goes on where the last one has stopped. Several at the
    same time, in processes on one machine or many, share the trials; those on
    several machines need a `storage` that all can reach. A worker that dies
    loses no finished trial, and its trial begins anew elsewhere.

    Args:
        build: Function of keywords to a compiled `MultiTaskModel`, a new one
            at each call. It gets those keywords of the space that it takes,
            and `seed`.
        train: Data as `fit` takes them, arrays as a tuple `(x, y)` or
            `(x, y, sample_weight)`; or a function that makes them, which gets
            keywords as `build` does.
        valid: The same of the validation split.
        test: The same of the test split. `None` leaves it, and the last
            training, to a later call: more trials can be asked for until
            then.
        space: Dict from keyword to one of Optuna's distributions,
            `LossWeights`, `SimplexWeights`, `OneOf` or `Method`.
        objectives: Dict of `"maximize"` or `"minimize"` by name in the logs,
            without `val_`; or `"delta_m"`, see `baselines`. Of several, the
            result has the Pareto front.
        epochs: Number of epochs of each trial.
        name: Of the study, and of its folder.
        trials: How many trials are to end, complete or pruned, in all; `None`
            for 40, or the whole grid.
        sampler: `"random"`, `"grid"`, `"tpe"`, `"gp"` (Bayesian optimization),
            `"cma_es"`, `"nsga_ii"` (genetic), or one of Optuna's samplers.
        grid_points: How many values the grid takes of a range without steps.
        pruner: `"median"`, `"hyperband"` or one of Optuna's, which ends
            hopeless trials early; needs a single objective.
        baselines: Dict of what models of single tasks reach, by name in the
            logs: a number if that is an objective, otherwise a pair such as
            `("maximize", 0.9)`. With them, the trial of the highest delta m is
            chosen of several on the Pareto front; without, that of the best
            mean rank over the objectives.
        picture: Function of the chosen model to a figure, kept as
            `predictions.png`.
        callbacks: List of Keras callbacks, or a function of a run's name to
            one.
        folder: Where the folder of the search is made. It has the logs of
            TensorBoard, the chosen model, and the database, if that is not
            elsewhere.
        storage: URL of a database, such as
            `postgresql://user:password@host/database`; `None` for a SQLite
            file in the folder.
        heartbeat: Whole seconds between signs of life of a worker. One that
            gives none for three times as long is taken for dead.
        seed: Whole number. Every trial begins from it, so that they differ
            by their values alone.
        verbose: 0 for silence, 1 for a line each trial, 2 for the progress of
            each training.

    Returns:
        `SearchResult`.

    Raises:
        ValueError: If an argument does not fit, an objective is not measured,
            or a study of this name has another space, other objectives or
            other settings.
        RuntimeError: If nearly all trials fail.
        ImportError, TimeoutError, ConnectionError: If the database cannot be
            used.

    Example:

    >>> from optuna.distributions import FloatDistribution
    >>> def build(rate):
    ...     x = keras.Input((2,))
    ...     outputs = {task: keras.layers.Dense(1)(x) for task in ("a", "b")}
    ...     model = mtv.MultiTaskModel(x, outputs)
    ...     loss = {"a": "mse", "b": "mse"}
    ...     model.compile(keras.optimizers.SGD(rate), loss=loss)
    ...     return model
    >>> data = (np.ones((4, 2)), {t: np.ones((4, 1)) for t in ("a", "b")})
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = search(
    ...         build, data, data, data,
    ...         space={"rate": FloatDistribution(0.01, 0.1)},
    ...         objectives={"loss": "minimize"}, epochs=1, trials=2,
    ...         name="rates", folder=folder, verbose=0,
    ...     )
    >>> [trial["state"] for trial in result.trials]
    ['complete', 'complete']

    Reference:
        Akiba et al., Optuna: A Next-generation Hyperparameter Optimization
        Framework, 2019.
    """
    check_arguments(build, train, epochs, name, folder, callbacks, verbose)
    trials = _checked(trials, heartbeat, grid_points)
    place = pathlib.Path(folder) / name
    plan = SearchPlan(
        build=build,
        train=train,
        valid=valid,
        test=test,
        space=Space(space),
        objectives=Objectives(objectives, baselines),
        epochs=epochs,
        name=name,
        folder=place,
        url=storage or default_url(place),
        seed=seed,
        callbacks=callbacks,
        picture=picture,
        verbose=verbose,
    )
    number = len(plan.objectives.names)
    chooser, trials = make_sampler(
        sampler,
        plan.space,
        objectives=number,
        trials=trials,
        seed=seed,
        grid_points=grid_points,
    )
    pruning = make_pruner(pruner, objectives=number, epochs=epochs)
    settings = {
        "trials": trials,
        "sampler": _name(sampler),
        "pruner": _name(pruner),
    }
    with quiet_optuna(), clear_errors(plan.url):
        return run_search(
            plan,
            sampler=chooser,
            pruner=pruning,
            settings=settings,
            heartbeat=heartbeat,
        )


def _checked(trials, heartbeat, grid_points):
    if importlib.util.find_spec("optuna") is None:
        raise ImportError(
            "A search needs Optuna, which is not installed: "
            'pip install -e ".[experiments]"'
        )
    require_count(heartbeat, 1, "heartbeat")
    require_count(grid_points, 1, "grid_points")
    if trials is None:
        return None
    require_count(trials, 1, "trials")
    return int(trials)


def _name(choice):
    plain = choice is None or isinstance(choice, str)
    return choice if plain else type(choice).__name__
