"""Problems of balancing with known answers: figures and tables.

    python examples/balancing_toys.py                  # all four
    python examples/balancing_toys.py --only planes digits

1. planes: two tasks in two dimensions (Liu et al., CAGrad, 2021). Which
   methods reach the Pareto set, and from where?
2. noise: uncertainty weighting finds the noise of each task (Kendall, 2018).
3. scales: GradNorm evens out tasks of scales 1 and 100 (Chen et al., 2018).
4. digits: two digits to read and an amount of ink to guess; the ink's loss is
   hundreds of times larger and drowns the digits, unless tasks are balanced.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from matplotlib.figure import Figure

import mtvision as mtv

STARTS = np.array([[-8.5, 7.5], [-8.5, -5.0], [9.0, 9.0]])


def plane_losses(x):
    """The two losses at points (..., 2)."""
    a, b = x[..., 0], x[..., 1]
    c1, c2 = (np.maximum(np.tanh(s * b / 2), 0) for s in (1, -1))
    near = [
        np.abs((-a - 7) / 2 - np.tanh(-b)),
        np.abs((-a + 3) / 2 + np.tanh(-b) + 2),
    ]
    high = [np.log(np.maximum(n, 5e-6)) + 6 for n in near]
    low = [((-a + s * 7) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20 for s in (1, -1)]
    return np.stack([h * c1 + q * c2 for h, q in zip(high, low)], -1)


def plane_gradients(x):
    """Gradients (2, 2) of both losses at one point, by differences."""
    step = 1e-6
    ends = x + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    values = plane_losses(ends)
    return np.stack([values[0] - values[1], values[2] - values[3]], 1) / (
        2 * step
    )


def walk(method, start, steps, rate=0.02):
    """Adam's path from a start."""
    x, path = start.copy(), [start.copy()]
    moment, square = np.zeros(2), np.zeros(2)
    for step in range(1, steps + 1):
        gradients = plane_gradients(x)
        weights = method.weights(gradients @ gradients.T, plane_losses(x))
        slope = keras.ops.convert_to_numpy(weights) @ gradients
        moment = 0.9 * moment + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        size = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        x = x - rate * moment / (1 - 0.9**step) / size
        path.append(x.copy())
    return np.array(path)


def planes(folder, quick):
    """Trajectories of gradient methods."""
    names = [
        "Sum",
        "MGDA",
        "PCGrad",
        "GradVac",
        "CAGrad",
        "NashMTL",
        "FairGrad",
        "IMTLG",
        "AlignedMTL",
        "UPGrad",
        "DualProj",
        "ConFIG",
    ]
    methods = {name: getattr(mtv.balancing, name) for name in names}
    steps = 50 if quick else 5000
    grid = np.stack(np.meshgrid(*[np.linspace(-10, 10, 120)] * 2), -1)
    figure = Figure(figsize=(16, 12), layout="constrained")
    rows = []
    bar = keras.utils.Progbar(len(methods) * len(STARTS))
    for axis, (name, make) in zip(figure.subplots(3, 4).flat, methods.items()):
        axis.contour(*grid.transpose(2, 0, 1), plane_losses(grid).sum(-1), 25)
        axis.set_title(name)
        ends = []
        for start in STARTS:
            path = walk(make(), start, steps)
            axis.plot(*path.T, lw=2)
            axis.plot(*path[-1], "k*", ms=12)
            ends.append(path[-1])
            bar.add(1)
        reached = [abs(a) <= 7.05 and abs(b + 8.36) < 0.15 for a, b in ends]
        rows.append(
            {
                "method": name,
                "reached": f"{sum(reached)} of {len(ends)}",
                "ends at x1": ", ".join(f"{a:.2f}" for a, _ in ends),
            }
        )
    figure.savefig(folder / "planes.png")
    return rows


def noise(folder, quick):
    """Uncertainties beside the residuals that they should equal."""
    draws = np.random.RandomState(0)
    x = draws.uniform(0, 1, (100, 1)).astype("float32")
    y = {
        "coarse": 2 * x + 8 + 10 * draws.normal(size=x.shape),
        "fine": 3 * x + 3 + draws.normal(size=x.shape),
    }
    inputs = keras.Input((1,))
    outputs = {name: keras.layers.Dense(1)(inputs) for name in y}
    model = mtv.MultiTaskModel(inputs, outputs)
    method = mtv.balancing.UncertaintyWeighting()
    model.compile(
        keras.optimizers.Adam(0.02),
        dict.fromkeys(y, "mse"),
        balancing=method,
    )
    steps = 100 if quick else 4000
    model.fit(
        np.tile(x, (steps, 1)),
        {name: np.tile(v, (steps, 1)) for name, v in y.items()},
        batch_size=100,
        shuffle=False,
        verbose=2,
    )
    scales = keras.ops.convert_to_numpy(method.log_scale.value)
    found = model.predict(x, verbose=0)
    return [
        {
            "task": name,
            "exp(s / 2)": float(np.exp(scale / 2)),
            "residual": float(np.std(y[name] - found[name])),
        }
        for name, scale in zip(sorted(y), scales)
    ]


def scales(folder, quick):
    """GradNorm's weights of tasks with scales 1 and 100."""
    draws = np.random.default_rng(0)
    common = 10 * draws.normal(size=(250, 100))
    x = draws.uniform(0, 1, (1000, 250)).astype("float32")
    y = {}
    for name, scale in (("large", 100), ("small", 1)):
        own = common + 3.5 * draws.normal(size=(250, 100))
        y[name] = scale * np.tanh(x @ own / np.sqrt(250))
    inputs = keras.Input((250,))
    trunk = inputs
    for _ in range(4):
        trunk = keras.layers.Dense(100, "relu")(trunk)
    outputs = {name: keras.layers.Dense(100)(trunk) for name in y}
    model = mtv.MultiTaskModel(inputs, outputs)
    model.compile(
        keras.optimizers.Adam(1e-3),
        dict.fromkeys(y, "mse"),
        balancing=mtv.balancing.GradNorm(alpha=0.12, at="parameters"),
    )
    epochs = 2 if quick else 60
    history = model.fit(x, y, batch_size=100, epochs=epochs, verbose=0)
    mtv.plotting.draw_weights(history).savefig(folder / "scales.png")
    return [
        {
            "task": name,
            "GradNorm's weight": history.history[f"{name}_weight"][-1],
        }
        for name in sorted(y)
    ]


def composites(seed, count=3000):
    """Two digits on one canvas; both classes and the sum of ink."""
    from sklearn.datasets import load_digits

    draws = np.random.default_rng(seed)
    digits = load_digits()
    left, right = draws.integers(0, len(digits.images), (2, count))
    canvas = np.zeros((count, 12, 12))
    canvas[:, :8, :8] = digits.images[left]
    canvas[:, 4:, 4:] = np.maximum(canvas[:, 4:, 4:], digits.images[right])
    y = {
        "left": digits.target[left],
        "right": digits.target[right],
        "ink": canvas.sum((1, 2), keepdims=True)[:, 0],
    }
    return canvas[..., None].astype("float32"), y


def read_digits(method, seed, epochs):
    """Accuracies of both digits on composites that were not trained on."""
    keras.utils.set_random_seed(seed)
    x, y = composites(seed)
    image = keras.Input((12, 12, 1))
    trunk = keras.layers.Rescaling(1 / 16)(image)
    for filters in (16, 32):
        trunk = keras.layers.Conv2D(filters, 3, activation="relu")(trunk)
    trunk = keras.layers.Flatten()(trunk)
    trunk = keras.layers.Dense(64, "relu")(trunk)
    widths = {"left": 10, "right": 10, "ink": 1}
    outputs = {n: keras.layers.Dense(w)(trunk) for n, w in widths.items()}
    loss = {n: mtv.tasks.ClassificationLoss() for n in ("left", "right")}
    model = mtv.MultiTaskModel(image, outputs)
    model.compile(
        keras.optimizers.Adam(1e-3), {**loss, "ink": "mse"}, balancing=method
    )
    known = slice(0, 2400)
    truth = {name: values[known] for name, values in y.items()}
    model.fit(x[known], truth, epochs=epochs, batch_size=64, verbose=0)
    found = model.predict(x[2400:], verbose=0)
    return [
        float(np.mean(found[name].argmax(-1) == y[name][2400:]))
        for name in ("left", "right")
    ]


def digits(folder, quick):
    """Accuracy with several methods, over five seeds."""
    methods = {
        "plain sum": lambda: None,
        "LogLoss": mtv.balancing.LogLoss,
        "UncertaintyWeighting": mtv.balancing.UncertaintyWeighting,
        "UPGrad": mtv.balancing.UPGrad,
        "IMTLG": mtv.balancing.IMTLG,
        "NashMTL": mtv.balancing.NashMTL,
    }
    seeds, epochs = (1, 1) if quick else (5, 12)
    bar = keras.utils.Progbar(len(methods) * seeds)
    rows, found = [], {}
    for name, make in methods.items():
        found[name] = []
        for seed in range(seeds):
            found[name].append(read_digits(make(), seed, epochs))
            bar.add(1)
        mean, spread = np.mean(found[name], 0), np.std(found[name], 0)
        rows.append(
            {
                "method": name,
                "left": f"{mean[0]:.2f} ± {spread[0]:.2f}",
                "right": f"{mean[1]:.2f} ± {spread[1]:.2f}",
            }
        )
    figure = Figure(figsize=(8, 4), layout="constrained")
    axis = figure.subplots()
    both = {name: np.mean(values, 1) for name, values in found.items()}
    means = [values.mean() for values in both.values()]
    axis.bar(list(both), means, yerr=[v.std() for v in both.values()])
    axis.axhline(0.1, color="black", ls=":", label="chance")
    axis.set_ylabel("accuracy of both digits")
    axis.legend()
    figure.savefig(folder / "digits.png")
    return rows


PROBLEMS = {
    "planes": planes,
    "noise": noise,
    "scales": scales,
    "digits": digits,
}


def main():
    """Runs the problems and prints their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=PROBLEMS, default=[])
    parser.add_argument("--quick", action="store_true", help="a few steps only")
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("runs/balancing")
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for name in options.only or PROBLEMS:
        print(f"\n{name}: {PROBLEMS[name].__doc__}")
        rows = PROBLEMS[name](options.output, options.quick)
        print(mtv.training.format_table(rows))


if __name__ == "__main__":
    main()
