"""Prices of second-hand clothing, of a picture, a text and some facts.

    python examples/price_clothing.py

Offers are made. One model of all inputs, or of some, against three models.
"""

import argparse
import pathlib

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Rescaling
from matplotlib.figure import Figure

import mtvision as mtv

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--output", type=pathlib.Path, default="runs/clothing")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(given.seed)
number, epochs = (48, 1) if given.tiny else (1600, 10)
made = mtv.data.SecondHandClothing
missing = {"image": np.nan, "text": -1, "metadata": np.nan}


def offers(split, number):
    """All inputs of a split, and the logarithms of the prices."""
    source = made(split, num_samples=number, seed=given.seed)
    options = {"inputs": {n: n for n in missing}, "batch_size": number}
    x, y, _ = mtv.data.Batches(source, {"price": "log_price"}, **options)[0]
    return x, y["price"]


def train(names, **options):
    """A model of some of the inputs."""
    image = [keras.Input((32, 32, 3)), Rescaling(1 / 64, -2)]
    image += [Conv2D(n, 3, 2, activation="relu") for n in (16, 32, 64)]
    facts = [keras.Input((4,)), Rescaling((0.3, 1, 0.2, 0.3), (-2, -2, -8, -2))]
    facts += [Dense(32, "relu"), Dense(32, "relu")]
    encoders = {
        "image": keras.Sequential(image),
        "text": mtv.trunks.TextNet(len(made.vocabulary), filters=(32, 32)),
        "metadata": keras.Sequential(facts),
    }
    encoders = {name: encoders[name] for name in names}
    heads = {"price": mtv.tasks.RegressionHead(offset=mean)}
    model = mtv.models.MultiInput(encoders, heads, hidden=(64,), **options)
    decay = keras.optimizers.schedules.CosineDecay(3e-3, epochs * number // 32)
    model.compile(keras.optimizers.Adam(decay), {"price": "mse"})
    model.fit({n: x[n] for n in names}, {"price": y}, epochs=epochs, verbose=2)
    return lambda x: model.predict(x, verbose=0)["price"][:, 0]


x, y = offers("train", number)
new_x, new_y = offers("test", number // 4)
mean = float(mtv.tasks.constant_regression(y)[0])
joint = train(missing, missing_rate=0.1)
alone = np.array([train([name])({name: new_x[name]}) for name in missing])
found = {"constant": mean + 0 * new_y, **dict(zip(missing, alone))}
found["three averaged"] = alone.mean(axis=0)
found["three added up"] = alone.sum(axis=0) - 2 * mean
found["joint"] = joint(new_x)
for name, value in missing.items():
    found[f"without {name}"] = joint({**new_x, name: 0 * new_x[name] + value})
rows = []
for name, values in found.items():
    error = float(np.sqrt(np.mean((values - new_y) ** 2)))
    euros = float(np.mean(np.abs(np.exp(values) - np.exp(new_y))))
    rows.append({"model": name, "error of log": error, "error, euros": euros})
print(mtv.training.format_table(rows))
figure = Figure(figsize=(12, 4), layout="constrained")
for axis, name in zip(figure.subplots(1, 3), list(found)[4:7]):
    axis.loglog(np.exp(new_y), np.exp(found[name]), ".", [1, 200], [1, 200])
    axis.set(title=name, xlabel="price, euros", ylabel="predicted")
figure.savefig(given.output / "prices.png")
