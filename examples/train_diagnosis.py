"""U-Net with a diagnosis: a map of the finding, and what it is.

    python examples/train_diagnosis.py
    python examples/train_diagnosis.py --data ../shared/data/multitask_pets

Digit scenes stand in for scans: a digit is to be outlined, and named from the
bottleneck. A third of the images have no outline, another third no name, as
happens where each label has its price. With `--data` the outline and the breed
of pets. Prints a table on unseen images and leaves a picture.
"""

import argparse
import pathlib

import keras

import mtvision as mtv
from mtvision import data, models, tasks

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path)
parser.add_argument("--output", type=pathlib.Path, default="runs/diagnosis")
parser.add_argument("--images", type=int, default=3000)
parser.add_argument("--epochs", type=int)
parser.add_argument("--filters", type=int, default=12)
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)

if given.data is None:
    fields = ("image", "mask", "label")
    sizes = {"train": given.images, "test": max(given.images // 8, 8)}
    parts = {
        split: data.load_digit_scenes(
            split, num_images=n, max_digits=1, empty=0, fields=fields
        )
        for split, n in sizes.items()
    }
    targets, names, size = {"outline": "mask", "kind": "label"}, range(10), 64
    steps, epochs = [data.RandomHSV()], 24
else:
    pets = data.Folder(
        given.data / "images",
        table=given.data / "labels.csv",
        columns=["breed"],
        masks=given.data / "trimaps",
        mask_values={1: 1, 2: 0, 3: 255},  # animal, background, border
        on_error="skip",
    )
    parts = data.split(pets, {"train": 0.8, "test": 0.2}, stratify="breed")
    targets = {"outline": "semantic", "kind": "breed"}
    names, size = pets.classes["breed"], 128
    steps = [data.RandomHSV(), data.RandomFlip(), data.RandomScale()]
    epochs = 60


def without_some_labels(index, sample):
    """Every third sample loses its outline, the next one its name."""
    outline, kind = targets.values()
    lost = {0: outline, 1: kind}.get(index % 3)
    return sample if lost is None else {**sample, lost: None}


train = [without_some_labels(*row) for row in enumerate(parts["train"])]
options = {"image_size": size, "batch_size": 16}
options["num_classes"] = {"outline": 2, "kind": len(names)}
train = data.Batches(
    train, targets, shuffle=True, augment=data.Augment(steps), **options
)
test = data.Batches(parts["test"], targets, **options)

trunk = mtv.trunks.ContractingPath([given.filters * 2**k for k in range(5)])
model = models.UNet(
    2,
    image_size=size,
    trunk=trunk,
    task="outline",
    heads={
        "kind": tasks.ClassificationHead(
            len(names), level="P4", hidden=64, dropout=0.2
        )
    },
)
epochs = given.epochs or epochs
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train))
losses = models.segmentation_losses(
    task="outline", losses={"kind": tasks.ClassificationLoss()}
)
metrics = {
    "outline": mtv.metrics.MeanIoU(2, ignore_class=255),
    "kind": keras.metrics.SparseCategoricalAccuracy("accuracy"),
}
optimizer = keras.optimizers.AdamW(rate, weight_decay=0.01)
model.compile(optimizer, **losses, metrics=metrics)
model.fit(train, epochs=epochs)

truth = data.gather_truth(train)
constants = {
    "outline": tasks.constant_segmentation(truth["outline"], 2),
    "kind": tasks.constant_classification(truth["kind"], len(names)),
}
rows = mtv.training.compare_with_constants(model, test, constants)
print(mtv.training.format_table(rows))

images, y, _ = test[0]
p = model.predict_on_batch(images)
figure = mtv.plotting.compare(
    images,
    {"label": y["kind"], "mask": y["outline"] == 1},
    {"label": p["kind"].argmax(-1), "mask": p["outline"].argmax(-1)},
    class_names=names,
    pairs_per_row=4,
)
figure.savefig(given.output / "predictions.png")
