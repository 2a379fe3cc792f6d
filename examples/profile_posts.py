"""Age, income and gender of posts: a loss that drowns the others, balanced.

    python examples/profile_posts.py --seeds 3

Of made posts: years of error of the age, shares of right incomes and genders.
"""

import argparse
import pathlib

import keras
import numpy as np
from matplotlib.figure import Figure

from mtvision import balancing, data, models, tasks, training, trunks

kinds = {n: k for n, k in vars(balancing).items() if isinstance(k, type)}
METHODS = [n for n in kinds if not n.endswith(("Balancer", "Weights"))]
parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS)
parser.add_argument("--seeds", type=int, default=1)
parser.add_argument("--output", type=pathlib.Path, default="runs/posts")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
number, epochs = (100, 1) if given.tiny else (2000, 6)
losses = {"age": "mse", "income": tasks.ClassificationLoss()}
losses["gender"] = keras.losses.BinaryCrossentropy(from_logits=True)


def posts(split, seed):
    """All texts of a split, and what there is to tell."""
    source = data.Posts(split, num_samples=number, seed=seed)
    options = {"inputs": {"text": "text"}, "batch_size": number}
    return data.Batches(source, {n: n for n in losses}, **options)[0][:2]


def learn(names, **options):
    """What a new model of some tasks tells of new posts."""
    keras.utils.set_random_seed(seed)
    text = trunks.TextNet(len(data.Posts.vocabulary), filters=(16,))
    heads = {"age": tasks.RegressionHead(offset=mean, scale=4.0)}
    heads["income"] = tasks.ClassificationHead(5)
    heads["gender"] = tasks.ClassificationHead(1)
    model = models.MultiInput({"text": text}, {n: heads[n] for n in names})
    loss = {name: losses[name] for name in names}
    model.compile(keras.optimizers.Adam(0.01), loss, **options)
    model.fit(x, {n: y[n] for n in names}, 100, epochs=epochs, verbose=0)
    return model.predict(x_new, verbose=0)


def score(told):
    """Mean error of the age, shares of right incomes and genders."""
    error = np.abs(told["age"][:, 0] - new["age"])
    income = told["income"].argmax(axis=1) == new["income"]
    gender = (told["gender"][:, 0] > 0) == new["gender"]
    return error.mean(), income.mean(), gender.mean()


runs = []
for seed in range(given.seeds):
    (x, y), (x_new, new) = posts("train", seed), posts("test", seed)
    mean = float(y["age"].mean())
    told = {"constant": dict.fromkeys(losses, np.full((number, 1), mean))}
    told["alone"] = learn(["age"]) | learn(["income"]) | learn(["gender"])
    for w in ((1, 1, 1), (0.25, 1, 10), (0.003, 0.6, 1.4)):
        told[str(w)] = learn(losses, loss_weights=dict(zip(losses, w)))
    told |= {n: learn(losses, balancing=kinds[n]()) for n in given.methods}
    runs.append([score(each) for each in told.values()])
means, spreads = np.mean(runs, axis=0), np.std(runs, axis=0)
rows = [{"training": name} for name in told]
axes = Figure((12, 8), layout="constrained").subplots(1, 3, sharey=True)
for axis, task, *bars in zip(axes, losses, means.T, spreads.T):
    axis.barh(list(told), bars[0], xerr=bars[1])
    axis.set(title=task, ylim=(len(told), -1))
    for row, *pair in zip(rows, *bars):
        row[task] = "{:.2f} ± {:.2f}".format(*pair)
print(training.format_table(rows))
axis.figure.savefig(given.output / "methods.png")
