"""Problems of balancing with known answers: figures and tables.

    python examples/balancing_toys.py                  # all four
    python examples/balancing_toys.py --only planes digits

1. planes: two tasks in two dimensions (Liu et al., CAGrad, 2021; Navon et
   al., Nash-MTL, 2022). Which methods reach the Pareto set, and from where?
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

PARETO = {"x1": 7.05, "x2": -8.36}
SETTINGS = {
    "CAGrad": {
        "scale": 1.0,
        "starts": [[-8.5, 7.5], [-8.5, -5.0], [9.0, 9.0]],
    },
    "Nash-MTL": {
        "scale": 0.1,
        "starts": [[-8.5, 7.5], [0, -0.01], [9, 9], [-7.5, -0.5], [9, -1]],
    },
}
METHODS = {
    "Sum": mtv.balancing.Sum,
    "MGDA": mtv.balancing.MGDA,
    "PCGrad": mtv.balancing.PCGrad,
    "GradVac": mtv.balancing.GradVac,
    "CAGrad": lambda: mtv.balancing.CAGrad(c=0.5),
    "NashMTL": mtv.balancing.NashMTL,
    "FairGrad": mtv.balancing.FairGrad,
    "IMTLG": mtv.balancing.IMTLG,
    "AlignedMTL": mtv.balancing.AlignedMTL,
    "UPGrad": mtv.balancing.UPGrad,
    "DualProj": mtv.balancing.DualProj,
    "ConFIG": mtv.balancing.ConFIG,
    "RLW": lambda: mtv.balancing.RLW(seed=0),
    "FAMO": lambda: mtv.balancing.FAMO(
        weight_decay=0.0, minimum={"one": -2.1, "two": -21.0}
    ),
}


class Point(keras.layers.Layer):
    """A point of the plane, the same whatever comes in."""

    def __init__(self, start):
        super().__init__()
        self.start = start

    def build(self, shape):
        """Puts the point at its start."""
        initial = keras.initializers.Constant(np.array(self.start))
        self.point = self.add_weight(shape=(2,), initializer=initial)

    def call(self, inputs):
        """Returns the point, (B, 2)."""
        return keras.ops.zeros_like(inputs) + self.point


class Height(keras.layers.Layer):
    """One of the two losses at a point.

    Args:
        side: 1 or -1: which one.
        scale: What it is multiplied by.
    """

    def __init__(self, side, scale):
        super().__init__()
        self.side = side
        self.scale = scale

    def call(self, x):
        """Returns the loss, (B, 1)."""
        a, b = x[:, :1], x[:, 1:]
        upper, lower = (
            keras.ops.relu(keras.ops.tanh(s * b / 2)) for s in (1, -1)
        )
        bend = keras.ops.tanh(-b)
        near = (-a - 7) / 2 - bend if self.side > 0 else (-a + 3) / 2 + bend + 2
        high = keras.ops.log(keras.ops.maximum(keras.ops.abs(near), 5e-6)) + 6
        low = ((-a + self.side * 7) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20
        return self.scale * (high * upper + low * lower)


def walk(method, start, scale, steps):
    """Adam's path from a start, as the training of a model."""
    inputs = keras.Input((2,))
    point = Point(start)
    x = point(inputs)
    outputs = {"one": Height(1, scale)(x), "two": Height(-1, 1.0)(x)}
    model = mtv.MultiTaskModel(inputs, outputs)

    def height(_, y_pred):
        return y_pred[:, 0]

    # A path of 100 points; Keras cannot join steps on PyTorch.
    part = max(1, steps // 100)
    joined = 1 if keras.config.backend() == "torch" else part
    model.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(200 / steps, steps)
        ),
        dict.fromkeys(outputs, height),
        balancing=method,
        steps_per_execution=joined,
    )
    path = [np.array(start)]
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: path.append(
            keras.ops.convert_to_numpy(point.point.value)
        )
    )
    zeros = np.zeros((part, 2), "float32")
    truth = dict.fromkeys(outputs, zeros[:, :1])
    model.fit(
        zeros, truth, 1, epochs=steps // part, verbose=0, callbacks=[keep]
    )
    return np.array(path)


def planes(folder, quick):
    """Trajectories in two settings, and from where the Pareto set is met.

    The steps are at first ten times longer than the papers', and fall to 0;
    with them even the plain sum leaves valleys in which it stays there.
    """
    rows = [{"method": name} for name in METHODS]
    steps = 100 if quick else 20_000
    bar = keras.utils.Progbar(
        len(rows) * sum(len(s["starts"]) for s in SETTINGS.values())
    )
    for name, setting in SETTINGS.items():
        figure = Figure(figsize=(20, 12), layout="constrained")
        axes = list(figure.subplots(3, 5).flat)
        for axis, row in zip(axes, rows):
            draw_ground(axis, setting["scale"], row["method"])
            ends = []
            for start in setting["starts"]:
                path = walk(
                    METHODS[row["method"]](), start, setting["scale"], steps
                )
                axis.plot(*path.T, lw=2)
                axis.plot(*path[-1], "k*", ms=12)
                ends.append(path[-1])
                bar.add(1)
            reached = [
                abs(a) <= PARETO["x1"] and abs(b - PARETO["x2"]) < 0.15
                for a, b in ends
            ]
            row[f"{name}: reached"] = f"{sum(reached)} of {len(ends)}"
            row[f"{name}: x1"] = " ".join(f"{a:.1f}" for a, _ in ends)
        for axis in axes[len(rows) :]:
            axis.remove()
        figure.savefig(folder / f"planes_{name}.png")
    return rows


def draw_ground(axis, scale, title):
    """Contours of the mean of both losses."""
    sides = np.linspace(-10, 10, 120)
    grid = np.stack(np.meshgrid(sides, sides), -1).reshape(-1, 2)
    heights = Height(1, scale)(grid) + Height(-1, 1.0)(grid)
    heights = keras.ops.convert_to_numpy(heights).reshape(120, 120)
    axis.contour(sides, sides, heights, 25)
    axis.set_title(title)


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
        keras.utils.set_random_seed(0)
        rows = PROBLEMS[name](options.output, options.quick)
        print(mtv.training.format_table(rows))


if __name__ == "__main__":
    main()
