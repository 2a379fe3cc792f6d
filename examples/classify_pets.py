"""A classifier of few images: from scratch, frozen trunk, fine-tuned.

    python examples/classify_pets.py
    python examples/classify_pets.py --data ../shared/data/multitask_pets

Learns the digits 5 to 9 of 50 images, or breeds. Without `--weights` the trunk
learns the digits 0 to 4 before, no pets. Leaves curves in `runs/classify`.
"""

import argparse
import pathlib

import keras
import numpy as np

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
keras.utils.set_random_seed(0)
epochs, made = (2, 60) if given.tiny else (given.epochs, 4000)
steps = [data.RandomHSV(), data.RandomScale(), data.RandomTranslation()]
entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
learn = {"shuffle": True, "augment": data.Augment(steps)}


def digits(split, number, first):
    """Made images of one of the five digits from `first` on."""
    options = {"max_digits": 1, "empty": 0, "fields": ("image", "label")}
    scenes = data.load_digit_scenes(split, num_images=number, **options)
    return [scene for scene in scenes if first <= scene["label"] < first + 5]


def fit(trunk, phases, train, test=None):
    """Trains a new head, and the trunk unless a phase freezes it."""
    image, curve = keras.Input((None, None, 3), name="image"), []
    head = tasks.ClassificationHead(10, dropout=0.2)
    model = mtv.MultiTaskModel(image, {"kind": head(trunk(image))})
    for frozen, number, rate in phases:
        trunk.freeze() if frozen else trunk.unfreeze()
        optimizer, metrics = keras.optimizers.AdamW(rate), {"kind": "accuracy"}
        model.compile(optimizer, {"kind": entropy}, metrics=metrics)
        log = model.fit(train, epochs=number, validation_data=test, verbose=2)
        curve += log.history.get("val_kind_accuracy", [])
    return curve


make = mtv.trunks.MobileNetV2 if given.weights else mtv.trunks.SmallResNet
pretrained = make(weights=given.weights)
if not given.weights:
    print("No --weights: the trunk learns the digits 0 to 4 first.")
    seen = data.Batches(digits("train", made, 0), {"kind": "label"}, **learn)
    fit(pretrained, [(False, max(epochs // 4, 1), 2e-3)], seen)
if given.data:
    table = {"table": given.data / "labels.csv", "columns": ["breed"]}
    pets = data.Folder(given.data / "images", **table, on_error="skip")
    parts = data.split(pets, {"train": 0.7, "test": 0.3}, stratify="breed")
    parts, kinds = [*parts.values()], {"kind": "breed"}
else:
    parts = digits("train", made, 5)[:50], digits("test", made // 8, 5)
    kinds = {"kind": "label"}
options = {"image_size": 96 if given.data else 64, "batch_size": 16}
train = data.Batches(parts[0], kinds, cache=True, **options, **learn)
test = data.Batches(parts[1], kinds, cache=True, **options)
slow = (False, epochs // 2, 2e-4)  # the whole model, in small steps
trainings = {"from scratch": [(False, epochs, 2e-3)]}
trainings["frozen trunk"] = [(True, epochs, 2e-3)]
trainings["fine-tuned"] = [(True, epochs // 2, 2e-3), slow]
figure, axis = curve_figure("epoch", "accuracy on unseen images")
rows = []
for place, (name, phases) in enumerate(trainings.items()):
    trunk = make()
    if name != "from scratch":
        trunk.set_weights(pretrained.get_weights())
    curve = fit(trunk, phases, train, test)
    rows.append({"training": name, "accuracy": curve[-1]})
    axis.plot(range(1, len(curve) + 1), curve, label=name, **line_style(place))
known, new = (data.gather_truth(part)["kind"] for part in (train, test))
constant = float((new == np.bincount(known).argmax()).mean())
rows.append({"training": "constant answer", "accuracy": constant})
print(f"Learned from {len(known)} images, right of {len(new)} others:")
print(mtv.training.format_table(rows))
axis.axhline(constant, color="grey")
axis.legend(frameon=False)
figure.savefig(given.output / "curves.png")
