"""A model of one task, cut out of a model of many."""

from mtvision.training import MultiTaskModel, routing


def single_task(model, task):
    """Cuts one task out of a model, to train it alone.

    The layers are those that the task needs. They are shared with `model`, as
    those of any sub-model in Keras: training one changes the other. So are the
    task's loss, loss weight and metrics; the optimizer is a new one with the
    same settings. There is no balancing.

    Args:
        model: A compiled `MultiTaskModel`, as a rule one not trained yet.
        task: Name of a task that has a loss, or a list of names where one
            task of the literature is several, such as `["rpn_objectness",
            "rpn_boxes", "classes", "boxes"]`.

    Returns:
        A compiled `MultiTaskModel` with all inputs of `model`.

    Raises:
        ValueError: If the model is not compiled, there is no such task, it has
            no loss, or the optimizer cannot be made again.

    What `exclude_from_weight_decay` has told an optimizer is no setting of it,
    and is not passed on.

    Example:

    >>> x = keras.Input((4,))
    >>> trunk = keras.layers.Dense(3)(x)
    >>> model = mtv.MultiTaskModel(
    ...     x, {t: keras.layers.Dense(1)(trunk) for t in ("a", "b")}
    ... )
    >>> model.compile("adam", loss={"a": "mse", "b": "mae"})
    >>> alone = single_task(model, "b")
    >>> alone.task_names, alone.count_params(), model.count_params()
    (['b'], 19, 23)
    """
    if not model.compiled:
        raise ValueError(
            "Expected a compiled model, whose loss and optimizer say how to "
            "train the task. Call `compile` in the function that builds it."
        )
    # As given, not from the config: own losses need not be registered.
    given = model._compiled_tasks.arguments
    tasks = routing.as_list(task)
    routing.check_keys("task", dict.fromkeys(tasks), model.task_names)
    lacking = [name for name in tasks if given["loss"][name] is None]
    if lacking or not tasks:
        raise ValueError(
            f"Expected a task that has a loss, received {tasks}; in `compile` "
            f"the loss of {lacking} is None."
        )
    alone = MultiTaskModel(
        model.input, {name: model.output[name] for name in tasks}
    )
    alone.compile(
        _fresh(model.optimizer),
        **{argument: _of(tasks, each) for argument, each in given.items()},
        run_eagerly=model.run_eagerly,
        steps_per_execution=model.steps_per_execution,
        jit_compile=model.jit_compile,
        on_non_finite=model._guard.on_non_finite,
        auto_scale_loss=False,  # the optimizer does it already, or is not to
    )
    return alone


def _of(tasks, by_task):
    """An argument of `compile` without what is of other tasks."""
    if by_task is None:
        return None
    return {task: by_task[task] for task in tasks if task in by_task}


def _fresh(optimizer):
    try:
        return type(optimizer).from_config(optimizer.get_config())
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"No second {type(optimizer).__name__} can be made like that of "
            f"the model: {error} A schedule of your own needs `get_config` "
            "and @keras.saving.register_keras_serializable()."
        ) from error
