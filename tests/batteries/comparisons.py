"""Comparisons whose runs are written by hand."""

from mtvision.experiments.comparing import comparison_plan as plan
from mtvision.experiments.comparing.comparison import Comparison
from mtvision.experiments.runs.records import write_record

OBJECTIVES = {"a_acc": "maximize", "b_mae": "minimize"}
# Of each seed: accuracy of a, error of b.
FOUND = {
    "sum": [(0.50, 0.30), (0.54, 0.34), (0.52, 0.29)],
    "X": [(0.60, 0.20), (0.62, 0.22), (0.63, 0.20)],
    "Y": [(0.55, 0.30), (0.53, 0.36), (0.50, 0.31)],
}
ALONE = [(0.58, 0.24), (0.60, 0.26), (0.62, 0.25)]  # means 0.6 and 0.25


def record(name, seed, values, alone=None, **more):
    return {
        "name": name,
        "seed": seed,
        "alone": alone,
        "tasks": alone or ["a", "b"],
        "test": values,
        "step_seconds": 0.01 * (seed + 1),
        "parameters": 10 if alone else 15,
        "validation": {},
        **more,
    }


def written(folder, found=FOUND, alone=ALONE, **replaced):
    """A comparison of these results; records may be replaced by file name."""
    count = len(found["sum"])
    settings = {
        "epochs": 1,
        "seeds": list(range(count)),
        "split": "test",
        "objectives": OBJECTIVES,
        "methods": {name: {} for name in found},
        "alone": {"a": ["a"], "b": ["b"]} if alone else {},
    }
    plan.remember(folder, settings)
    records = [
        record(name, seed, dict(zip(OBJECTIVES, values)))
        for name, by_seed in found.items()
        for seed, values in enumerate(by_seed)
    ]
    for seed, (a, b) in enumerate(alone):
        records += [
            record("alone-a", seed, {"a_acc": a}, ["a"]),
            record("alone-b", seed, {"b_mae": b}, ["b"]),
        ]
    for each in records:
        key = f"{each['name']}_{each['seed']}".replace("-", "_")
        each = replaced.get(key, each)
        if each is not None:
            path = plan.run_path(folder, each["name"], each["seed"])
            write_record(path, each)
    return Comparison(folder)
