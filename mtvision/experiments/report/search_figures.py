"""Figures of a search, with their captions."""

import itertools

from mtvision.experiments.report.far_off import move_far_off
from mtvision.experiments.report.images import grid, plot
from mtvision.experiments.report.parts import paragraph
from mtvision.experiments.report.phrases import counted, listed
from mtvision.plotting.draw_importances import draw_importances
from mtvision.plotting.draw_parallel_coordinates import (
    draw_parallel_coordinates,
)
from mtvision.plotting.draw_pareto_front import draw_pareto_front
from mtvision.plotting.draw_search_history import draw_search_history


def fronts(trials, objectives, front, chosen):
    """Draws each pair of objectives.

    Args:
        trials: Finished ones, with `number` and `values`.
        objectives: Dict from objective to direction.
        front: Numbers of those on the front.
        chosen: Number of the chosen one, or `None`.

    Returns:
        List of elements; none for one objective.
    """
    if len(objectives) < 2 or not trials:
        return []
    numbers = [trial["number"] for trial in trials]
    places = [numbers.index(each) for each in front if each in numbers]
    ring = numbers.index(chosen) if chosen in numbers else None
    shown = []
    for pair in itertools.combinations(objectives, 2):
        figure = draw_pareto_front(
            [[trial["values"][key] for key in pair] for trial in trials],
            places,
            pair,
            directions=[objectives[key] for key in pair],
            chosen=ring,
            others=len(objectives) > 2,
        )
        alt = (
            f"{pair[0]} against {pair[1]} of {len(trials)} trials, of which "
            f"{len(places)} are on the Pareto front."
        )
        shown.append(plot(figure, alt))
    words = (
        f"On the front: {len(places)} of {len(trials)} finished trials. No "
        "other one is as good in every objective and better in one."
    )
    return [paragraph(words), grid(*shown)]


def within_reach(trials, objectives):
    """Trials as they are drawn: those far off stand at the edge.

    Args:
        trials: Finished ones, with `values`.
        objectives: Dict from objective to direction.

    Returns:
        List of trials, and a sentence on those that were moved, or `None`.
    """
    trials = [trial | {"values": dict(trial["values"])} for trial in trials]
    said = []
    for key, direction in objectives.items() if trials else ():
        values = [trial["values"][key] for trial in trials]
        values, moved = move_far_off(values, direction)
        for trial, value in zip(trials, values):
            trial["values"][key] = value
        said += [f"{counted(moved, 'trial')} in {key}"] if moved else []
    words = f"So bad that they stand at the edge of all plots: {listed(said)}."
    return trials, words if said else None


def histories(trials, objectives, remark=None):
    """Draws the best value so far, for each objective."""
    if not trials:
        return []
    numbers = [trial["number"] for trial in trials]
    shown = []
    for key, direction in objectives.items():
        values = [trial["values"][key] for trial in trials]
        best = max(values) if direction == "maximize" else min(values)
        figure = draw_search_history(numbers, values, key, direction=direction)
        alt = (
            f"{key} of {len(values)} trials; the best, {best:.4g}, came with "
            f"trial {numbers[values.index(best)]}."
        )
        shown.append(plot(figure, alt))
    return [paragraph(remark), grid(*shown)]


def lines(trials, objectives, *, chosen, log):
    """Draws parallel coordinates, shaded by each objective in turn."""
    parameters = dict.fromkeys(p for t in trials for p in t["parameters"])
    if not trials or not parameters:
        return []
    columns = {
        name: [_of_axis(trial["parameters"].get(name)) for trial in trials]
        for name in parameters
    }
    columns |= {
        f"→ {key}": [trial["values"][key] for trial in trials]
        for key in objectives
    }
    numbers = [trial["number"] for trial in trials]
    ring = numbers.index(chosen) if chosen in numbers else None
    shown = []
    for key, direction in objectives.items():
        sign = 1 if direction == "maximize" else -1
        scores = [sign * trial["values"][key] for trial in trials]
        figure = draw_parallel_coordinates(
            columns, scores, log=log, chosen=ring
        )
        alt = f"Parameters and results of {len(trials)} trials, by {key}."
        caption = f"The stronger the line, the better {key}"
        shown.append(plot(figure, alt, caption))
    words = (
        "Each line is a trial, running down through its parameters to its "
        "results. Where strong lines meet, good trials agree."
    )
    if ring is not None:
        words += " The thickest one is the chosen trial."
    return [paragraph(words), grid(*shown)]


def _of_axis(value):
    """A value that has a place on an axis."""
    return str(value) if isinstance(value, bool) else value


def shares(importances):
    """Draws the parameters' importance, or says why there is none."""
    shown, said = [], []
    for key, found in importances.items():
        if isinstance(found, str):
            said.append(paragraph(f"{key}: {found}"))
            continue
        first = max(found, key=found.get)
        alt = f"Importance for {key}: {first} matters most."
        shown.append(plot(draw_importances(found, title=key), alt))
    words = (
        "How far each parameter explains which trials are among the best "
        "(PED-ANOVA). It is a hint: few trials give rough shares, and an "
        "unimportant parameter may be one whose range was narrow."
    )
    return [paragraph(words) if shown else None, grid(*shown), *said]
