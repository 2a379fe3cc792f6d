"""A classifier of few images: from scratch, frozen trunk, fine-tuned.

    python examples/classify_pets.py
    python examples/classify_pets.py --data ../shared/data/multitask_pets

Learns the digits 5 to 9 from 50 images, or the breeds of pets. Without
`--weights` the trunk learns made images of the digits 0 to 4 before: of help
with other digits, but no knowledge of pets. Leaves curves in `runs/classify`.
"""

import argparse
import pathlib

import keras

import mtvision as mtv
from mtvision import data, tasks
from mtvision.plotting.curves import curve_figure, line_style

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path, help="folder of the pets")
parser.add_argument("--weights", help="imagenet or a file, of MobileNetV2")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--output", type=pathlib.Path, default="runs/classify")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
epochs, made = (2, 60) if given.tiny else (given.epochs, 4000)
steps = [data.RandomHSV(), data.RandomScale(), data.RandomTranslation()]
learn = {"shuffle": True, "augment": data.Augment(steps)}


def digits(split, number, first):
    """Made images of one of the five digits from `first` on."""
    options = {"max_digits": 1, "empty": 0, "fields": ("image", "label")}
    scenes = data.load_digit_scenes(split, num_images=number, **options)
    return [scene for scene in scenes if first <= scene["label"] < first + 5]


def fit(trunk, num_classes, phases, train, test=None):
    """Trains a new head, and the trunk unless a phase freezes it."""
    image, curve = keras.Input((None, None, 3), name="image"), []
    head = tasks.ClassificationHead(num_classes, dropout=0.2)
    model = mtv.MultiTaskModel(image, {"kind": head(trunk(image))})
    for frozen, number, rate in phases:
        trunk.freeze() if frozen else trunk.unfreeze()
        loss = {"kind": tasks.ClassificationLoss()}
        metric = {"kind": keras.metrics.SparseCategoricalAccuracy("accuracy")}
        model.compile(keras.optimizers.AdamW(rate), loss, metrics=metric)
        log = model.fit(train, epochs=number, validation_data=test, verbose=2)
        curve += log.history.get("val_kind_accuracy", [])
    return model, curve


keras.utils.set_random_seed(0)
make = mtv.trunks.MobileNetV2 if given.weights else mtv.trunks.SmallResNet
pretrained = make(weights=given.weights)
if not given.weights:
    print("No --weights: the trunk learns the digits 0 to 4 first.")
    seen = data.Batches(digits("train", made, 0), {"kind": "label"}, **learn)
    fit(pretrained, 5, [(False, max(epochs // 4, 1), 2e-3)], seen)
if given.data:
    table = {"table": given.data / "labels.csv", "columns": ["breed"]}
    pets = data.Folder(given.data / "images", **table, on_error="skip")
    parts = data.split(pets, {"train": 0.7, "test": 0.3}, stratify="breed")
    parts, kinds, size = [*parts.values()], {"kind": "breed"}, 96
    num_classes = len(pets.classes["breed"])
else:
    parts = digits("train", made, 5)[:50], digits("test", made // 8, 5)
    kinds, size, num_classes = {"kind": "label"}, 64, 10
options = {"image_size": size, "batch_size": 16, "cache": True}
train = data.Batches(parts[0], kinds, **options, **learn)
test = data.Batches(parts[1], kinds, **options)

alone, tuned = (True, epochs, 2e-3), (False, epochs // 2, 2e-4)
trainings = {"from scratch": [(False, epochs, 2e-3)], "frozen trunk": [alone]}
trainings["fine-tuned"] = [(True, epochs // 2, 2e-3), tuned]
figure, axis = curve_figure("epoch", "accuracy on unseen images")
rows = []
for place, (name, phases) in enumerate(trainings.items()):
    trunk = make()
    if place:
        trunk.set_weights(pretrained.get_weights())
    model, curve = fit(trunk, num_classes, phases, train, test)
    rows.append({"training": name, "accuracy": curve[-1]})
    axis.plot(range(1, len(curve) + 1), curve, label=name, **line_style(place))
truth = data.gather_truth(train)["kind"]
constant = {"kind": tasks.constant_classification(truth, num_classes)}
row = mtv.training.compare_with_constants(model, test, constant)[0]
rows.append({"training": "constant answer", "accuracy": row["constant"]})
print(f"Learned from {len(parts[0])} images, right of {len(parts[1])} others:")
print(mtv.training.format_table(rows))
axis.axhline(row["constant"], color="grey", label="constant answer")
axis.set_xlim(0, epochs)
axis.legend(loc="best", frameon=False)
figure.savefig(given.output / "curves.png")
