"""Genre and year of novels from a page of text: two outputs, no image.

    python examples/date_novels.py
    python examples/date_novels.py --tiny

Pages are made. Prints a table beside the most frequent genre and the median
year, and how unknown words and an empty page are read.
"""

import argparse
import pathlib

import keras
from matplotlib.figure import Figure

import mtvision as mtv

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--output", type=pathlib.Path, default="runs/novels")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)
number, epochs = (64, 1) if given.tiny else (2000, 8)


def pages(split, number):
    """Batches of made pages."""
    source = mtv.data.Novels(split, num_samples=number)
    targets, shuffle = {"genre": "genre", "date": "date"}, split == "train"
    options = {"inputs": {"text": "text"}, "cache": True, "shuffle": shuffle}
    return mtv.data.Batches(source, targets, **options)


train, test = pages("train", number), pages("test", number // 4)
known, truth = (mtv.data.gather_truth(part) for part in (train, test))
vocabulary, genres = train.source.vocabulary, train.source.classes["genre"]
year, spread = known["date"].mean(), known["date"].std()
date = mtv.tasks.RegressionHead(offset=float(year), scale=float(spread))
model = mtv.models.MultiInput(
    {"text": mtv.trunks.TextNet(len(vocabulary), filters=(64,), dropout=0.1)},
    {"genre": mtv.tasks.ClassificationHead(len(genres)), "date": date},
)
decay = keras.optimizers.schedules.CosineDecay(5e-3, epochs * len(train))
model.compile(
    keras.optimizers.Adam(decay),
    {"genre": mtv.tasks.ClassificationLoss(), "date": "mse"},
    loss_weights={"genre": 1.0, "date": float(1 / spread**2)},
    metrics={"genre": "sparse_categorical_accuracy", "date": "mae"},
)
model.fit(train, epochs=epochs, verbose=2)
constants = {
    "genre": mtv.tasks.constant_classification(known["genre"], len(genres)),
    "date": mtv.tasks.constant_regression(known["date"], median=True),
}
rows = mtv.training.compare_with_constants(model, test, constants, verbose=0)
print(mtv.training.format_table(rows))

texts = [
    "the detective came to the old house by gaslight and found the corpse",
    "she put the phonograph beside the airship and signed the love letter",
    "zyx qwv",
    "",
]
found = model.predict({"text": vocabulary.encode(texts, 80)}, verbose=0)
for text, genre, when in zip(texts, found["genre"], found["date"][:, 0]):
    print(f"{when:.0f} {genres[genre.argmax()]}: {text!r}")

model.save(given.output / "novels.keras")
found = model.predict(test, verbose=0)
figure = Figure(figsize=(6, 5), layout="constrained")
axis = figure.subplots()
right = found["genre"].argmax(axis=1) == truth["genre"]
for name, which in (("right genre", right), ("wrong genre", ~right)):
    axis.plot(truth["date"][which], found["date"][which, 0], ".", label=name)
axis.axline((1800, 1800), (2000, 2000), color="black")
axis.set(xlabel="year", ylabel="year that was told")
axis.legend()
figure.savefig(given.output / "dates.png")
