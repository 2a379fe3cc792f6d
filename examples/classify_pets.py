"""A classifier of few images: from scratch, frozen trunk, fine-tuned.

    python examples/classify_pets.py [--data ../shared/data/multitask_pets]

Learns the digits 5 to 9 of 50 images, or breeds. Without `--weights` the trunk
learns the digits 0 to 4 before, no pets. Leaves curves in `runs/classify`.
"""

import argparse
import pathlib

import keras

from mtvision import MultiTaskModel, data, plotting, tasks, training, trunks

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path, help="folder of the pets")
parser.add_argument("--weights", help="imagenet or a file, of MobileNetV2")
parser.add_argument("--output", type=pathlib.Path, default="runs/classify")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)
epochs, number = (4, 60) if given.tiny else (40, 4000)
steps = [data.RandomHSV(), data.RandomScale(), data.RandomTranslation()]
changes = {"shuffle": True, "augment": data.Augment(steps)}
entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def fit(trunk, frozen, free, train, test=None):
    """Trains a new head for `frozen` epochs, and all for `free` more."""
    image, curve = keras.Input((None, None, 3), name="image"), []
    kind = tasks.ClassificationHead(10, dropout=0.2)(trunk(image))
    model = MultiTaskModel(image, {"kind": kind})
    loss, metrics = {"kind": entropy}, {"kind": "accuracy"}
    trunk.freeze()
    for epochs, rate in ((frozen, 2e-3), (free, 2e-4 if frozen else 2e-3)):
        model.compile(keras.optimizers.AdamW(rate), loss, metrics=metrics)
        log = model.fit(train, epochs=epochs, validation_data=test, verbose=2)
        curve += log.history.get("val_kind_accuracy", [])
        trunk.unfreeze()
    return curve


options = {"max_digits": 1, "empty": 0, "fields": ("image", "label")}
scenes = list(data.load_digit_scenes("train", num_images=number, **options))
low = [scene for scene in scenes if scene["label"] < 5]
few = [scene for scene in scenes if scene["label"] >= 5][:50]
scenes = data.load_digit_scenes("test", num_images=number // 8, **options)
new = [scene for scene in scenes if scene["label"] >= 5]
reads = {"kind": "label"}
make, weights = trunks.MobileNetV2, given.weights
if not weights:
    print("No --weights: the trunk learns the digits 0 to 4 first.")
    make, weights = trunks.SmallResNet, str(given.output / "trunk.weights.h5")
    trunk = make()
    fit(trunk, 0, epochs // 4, data.Batches(low, reads, **changes))
    trunk.save_weights(weights)
if given.data:
    table = {"table": given.data / "labels.csv", "columns": ["breed"]}
    pets = data.Folder(given.data / "images", **table, on_error="skip")
    parts = data.split(pets, {"few": 0.7, "new": 0.3}, stratify="breed")
    few, new, reads = parts["few"], parts["new"], {"kind": "breed"}
options = {"image_size": 96 if given.data else 64, "batch_size": 16}
train = data.Batches(few, reads, cache=True, **options, **changes)
test = data.Batches(new, reads, cache=True, **options)
curves = {}
plans = {"from scratch": (0, epochs), "frozen trunk": (epochs, 0)}
plans["fine-tuned"] = (epochs // 2, epochs // 2)
for name, (frozen, free) in plans.items():
    trunk = make(weights=weights if frozen else None)
    curves[name] = fit(trunk, frozen, free, train, test)
known, truth = (data.gather_truth(part)["kind"] for part in (train, test))
guess = tasks.constant_classification(known, 10).argmax()
curves["constant answer"] = [float((truth == guess).mean())] * epochs
print(f"Learned from {len(known)} images, right of {len(truth)} others:")
print(training.format_table([{n: c[-1] for n, c in curves.items()}]))
figure = plotting.draw_learning_curves(curves, "accuracy of new images")
figure.savefig(given.output / "curves.png")
