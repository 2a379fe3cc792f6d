"""Breed, species, head box and outline of pets, from files as they are.

python examples/train_pets.py --data ../shared/data/multitask_pets
"""

import argparse
import pathlib

import keras

import mtvision as mtv
from mtvision import tasks

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path, required=True)
parser.add_argument("--output", type=pathlib.Path, default="runs/pets")
parser.add_argument("--epochs", type=int, default=80)
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)

pets = mtv.data.Folder(
    given.data / "images",
    table=given.data / "labels.csv",
    columns=["breed", "species"],
    boxes=given.data / "xmls",
    masks=given.data / "trimaps",
    mask_values={1: 1, 2: 0, 3: 255},  # animal, background, border
    on_error="skip",
)
print(pets.report())
parts = mtv.data.split(pets, {"train": 0.8, "test": 0.2}, stratify="breed")
fields = {"breed": "breed", "species": "species", "outline": "semantic"}
fields["head"] = ("present", "box")
sizes = {"image_size": 128, "batch_size": 8, "cache": True}
train = mtv.data.Batches(parts["train"], fields, shuffle=True, **sizes)
test = mtv.data.Batches(parts["test"], fields, **sizes)

image = keras.Input((128, 128, 3), name="image")
features = mtv.trunks.SmallResNet()(keras.layers.RandomBrightness(0.2)(image))
pyramid = mtv.necks.FeaturePyramid(filters=48)(features)
outputs = {
    "breed": tasks.ClassificationHead(3, dropout=0.5)(features),
    "species": tasks.ClassificationHead(2, dropout=0.5)(features),
    "head": tasks.LocalizationHead(level="P4")(pyramid),
    "outline": tasks.SegmentationHead(2, filters=32)(pyramid),
}
model = mtv.MultiTaskModel(image, outputs)
loss = {t: tasks.ClassificationLoss() for t in ("breed", "species")}
loss["head"] = tasks.LocalizationLoss()
loss["outline"] = tasks.SegmentationLoss(ignore_class=255)
metrics = {
    "breed": keras.metrics.SparseCategoricalAccuracy("accuracy"),
    "species": keras.metrics.SparseCategoricalAccuracy("accuracy"),
    "head": tasks.LocalizationIoU(name="box_iou"),
    "outline": mtv.metrics.MeanIoU(2, ignore_class=255),
}
optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01)
model.compile(optimizer, loss, metrics=metrics)
model.fit(train, epochs=given.epochs)

truth = mtv.data.gather_truth(train)
constants = {
    "breed": tasks.constant_classification(truth["breed"], 3),
    "species": tasks.constant_classification(truth["species"], 2),
    "head": tasks.constant_localization(truth["head"]),
    "outline": tasks.constant_segmentation(truth["outline"], 2),
}
rows = mtv.training.compare_with_constants(model, test, constants)
print(mtv.training.format_table(rows))

images, y, _ = test[0]
p = model.predict_on_batch(images)
mask, found = p["outline"].argmax(-1), p["head"][:, 1:]
y = {"label": y["breed"], "box": y["head"][:, 1:], "mask": y["outline"] == 1}
p = {"label": p["breed"].argmax(-1), "box": found, "mask": mask}
names = pets.classes["breed"]
figure = mtv.plotting.compare(images, y, p, class_names=names, pairs_per_row=2)
figure.savefig(given.output / "predictions.png")
