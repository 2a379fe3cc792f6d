"""How the weights of the tasks went."""


def draw_weights(history):
    """Draws the tasks' weights, and losses, over the epochs.

    Args:
        history: What `fit` returns for a model with `balancing`, or its
            dict `history`.

    Returns:
        A matplotlib `Figure`: weights above, losses below.

    Raises:
        ValueError: If there are no weights in it.

    Example:

    >>> logs = {"a_weight": [0.5, 0.7], "b_weight": [0.5, 0.3],
    ...         "a_loss": [2.0, 1.0], "b_loss": [1.0, 0.9]}
    >>> [axis.get_ylabel() for axis in draw_weights(logs).axes]
    ['weight', 'loss']
    """
    from matplotlib.figure import Figure

    logs = getattr(history, "history", history)
    ends = "_weight"
    tasks = [name.removesuffix(ends) for name in logs if name.endswith(ends)]
    if not tasks:
        raise ValueError(
            "Expected a history with weights of tasks, such as 'mask_weight', "
            f"received {sorted(logs)}. Compile the model with `balancing`."
        )
    figure = Figure(figsize=(7, 6), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    for task in tasks:
        weights, losses = logs[f"{task}{ends}"], logs.get(f"{task}_loss", [])
        above.plot(range(1, len(weights) + 1), weights, "o-", label=task)
        below.plot(range(1, len(losses) + 1), losses, "o-", label=task)
    above.set_ylabel("weight")
    below.set_ylabel("loss")
    below.set_xlabel("epoch")
    above.legend()
    return figure
