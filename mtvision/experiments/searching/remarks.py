"""What a reader of a search's result should be told."""

# Differences below are taken for chance.
SHARE = 0.05


def remarks(trials, chosen, directions):
    """Warns of validation figures that are better than they should be.

    Args:
        trials: List of dicts with `number`, `state` and `values`.
        chosen: Dict with the `number` and `record` of the chosen trial, or
            `None`.
        directions: Dict of `"maximize"` or `"minimize"` by objective.

    Returns:
        List of sentences.

    Example:

    >>> record = {"validation": {"a_acc": 0.9}, "test": {"a_acc": 0.6}}
    >>> trials = [{"number": 0, "state": "complete", "values": {"a_acc": 0.9}}]
    >>> chosen = {"number": 0, "record": record}
    >>> print(remarks(trials, chosen, {"a_acc": "maximize"})[1])
    a_acc is 33 % worse on the test split (0.6) than on the validation split \
(0.9): the search may have fitted the validation split, or the test split is \
harder.
    """
    if chosen is None:
        return []
    number = sum(trial["state"] == "complete" for trial in trials)
    found = [
        f"The best of {number} trials is chosen by its figures on the "
        "validation split, which are therefore better than they should be; "
        "those on the test split are not."
    ]
    record = chosen["record"]
    valid, test = record["validation"], record.get("test") or {}
    (before,) = (t["values"] for t in trials if t["number"] == chosen["number"])
    for name, direction in directions.items():
        again = valid.get(name)
        worse = _worse(again, test.get(name), direction)
        if worse > SHARE:
            found.append(
                f"{name} is {100 * worse:.0f} % worse on the test split "
                f"({test[name]:.4g}) than on the validation split "
                f"({again:.4g}): the search may have fitted the validation "
                "split, or the test split is harder."
            )
        if _worse(before.get(name), again, direction) > SHARE:
            found.append(
                f"Trained anew, the chosen trial reaches a {name} of "
                f"{again:.4g} on the validation split, where it had "
                f"{before[name]:.4g}: this training does not repeat itself."
            )
    return found


def _worse(before, after, direction):
    """By what share of itself a number has become worse."""
    if before is None or after is None:
        return 0.0
    change = after - before if direction == "minimize" else before - after
    return change / (abs(before) or 1.0)
