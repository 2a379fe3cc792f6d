"""Which parameters of a study matter, or why that cannot be told."""

import warnings

# The method looks at what the best tenth has in common.
LEAST = 10


def importances(study, objectives):
    """Asks Optuna how much each parameter matters for each objective.

    Args:
        study: An Optuna study.
        objectives: Dict from objective to `"maximize"` or `"minimize"`, in
            the order of the study.

    Returns:
        Dict from objective to a dict from parameter to its share, 0 to 1;
        or to a sentence that says why there is none.

    Example:

    >>> import optuna
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study()
    >>> importances(study, {"loss": "minimize"})
    {'loss': 'No trial has finished, so no importance can be computed.'}

    Reference:
        Watanabe et al., PED-ANOVA: Efficiently Quantifying Hyperparameter
        Importance in Arbitrary Subspaces, 2023.
    """
    import optuna

    complete = optuna.trial.TrialState.COMPLETE
    trials = study.get_trials(deepcopy=False, states=[complete])
    return {
        objective: _of_one(study, trials, place, direction)
        for place, (objective, direction) in enumerate(objectives.items())
    }


def _of_one(study, trials, place, direction):
    reason = _reason(trials, place)
    if reason:
        return f"{reason}, so no importance can be computed."
    import optuna

    # The evaluator asks what leads to low values.
    sign = -1 if direction == "maximize" else 1
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*to achieve low `target`")
        shares = optuna.importance.get_param_importances(
            study, target=lambda trial: sign * trial.values[place]
        )
    return dict(shares)


def _reason(trials, place):
    if not trials:
        return "No trial has finished"
    if len(trials) < LEAST:
        return f"Fewer than {LEAST} trials have finished"
    if len({trial.values[place] for trial in trials}) == 1:
        return "All trials have the same value"
    if not any(
        len({t.params.get(p) for t in trials}) > 1 for p in _all(trials)
    ):
        return "All trials have the same parameters"
    return None


def _all(trials):
    return dict.fromkeys(name for trial in trials for name in trial.params)
