"""Age, income and gender of posts: a loss that drowns the others, balanced.

    python examples/profile_posts.py

Posts are made. What each task reaches alone, and all with each method: years
of error of the age, shares of right incomes and genders.
"""

import argparse
import pathlib

import keras
import numpy as np
from matplotlib.figure import Figure

import mtvision as mtv

kinds = {n: k for n, k in vars(mtv.balancing).items() if isinstance(k, type)}
METHODS = [n for n in kinds if not n.endswith(("Balancer", "Weights"))]
parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS)
parser.add_argument("--output", type=pathlib.Path, default="runs/posts")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
number, epochs = (100, 1) if given.tiny else (2000, 6)
losses = {"age": "mse", "income": mtv.tasks.ClassificationLoss()}
losses["gender"] = keras.losses.BinaryCrossentropy(from_logits=True)


def posts(split, number):
    """All texts of a split, and what there is to tell."""
    source = mtv.data.Posts(split, num_samples=number)
    options = {"inputs": {"text": "text"}, "batch_size": number}
    return mtv.data.Batches(source, {n: n for n in losses}, **options)[0][:2]


def learn(tasks, **options):
    """What a new model of some tasks reaches on new posts."""
    keras.utils.set_random_seed(0)
    words = len(mtv.data.Posts.vocabulary)
    text = mtv.trunks.TextNet(words, embedding_size=16, filters=(16,))
    heads = {"age": mtv.tasks.RegressionHead(offset=mean, scale=4.0)}
    heads["income"] = mtv.tasks.ClassificationHead(5)
    heads["gender"] = mtv.tasks.ClassificationHead(1)
    model = mtv.models.MultiInput({"text": text}, {n: heads[n] for n in tasks})
    loss = {name: losses[name] for name in tasks}
    model.compile(keras.optimizers.Adam(0.01), loss, **options)
    model.fit(x, {n: y[n] for n in tasks}, 100, epochs=epochs, verbose=0)
    return score(model.predict(x_new, verbose=0))


def score(found):
    """Mean error of the age, shares of right incomes and genders."""
    read = {"age": lambda a: np.abs(a[:, 0] - new["age"])}
    read["income"] = lambda a: a.argmax(axis=1) == new["income"]
    read["gender"] = lambda a: (a[:, 0] > 0) == new["gender"]
    return {n: float(read[n](a).mean()) for n, a in found.items()}


(x, y), (x_new, new) = posts("train", number), posts("test", number // 4)
mean, ones = float(y["age"].mean()), np.ones((len(new["age"]), 1))
found = {
    "constant": score({"age": mean * ones, "income": ones, "gender": ones})
}
found["alone"] = {task: learn([task])[task] for task in losses}
found["no weights"] = learn(losses)
for weights in ((0.25, 1, 10), (0.003, 0.6, 1.4)):
    found[str(weights)] = learn(losses, loss_weights=dict(zip(losses, weights)))
for name in given.methods:
    found[name] = learn(losses, balancing=kinds[name]())
rows = [{"": name, **scores} for name, scores in found.items()]
print(mtv.training.format_table(rows))
figure = Figure(figsize=(12, 8), layout="constrained")
for axis, task in zip(figure.subplots(1, 3, sharey=True), losses):
    axis.barh(list(found), [scores[task] for scores in found.values()])
    axis.set_title(task)
axis.invert_yaxis()
figure.savefig(given.output / "methods.png")
