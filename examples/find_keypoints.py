"""Landmarks of faces and joints of people, by regression and by heat maps.

    python examples/find_keypoints.py
    python examples/find_keypoints.py --data FOLDER/keypoints.csv

Faces and people are drawn, some faces are missing; `--data` names a table or
a COCO file beside its folder `images`. Prints errors beside those of a guess.
"""

import argparse
import pathlib

import keras
import numpy as np

from mtvision import data, metrics, models, plotting, tasks, training, trunks

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path)
parser.add_argument("--images", type=int, default=1200)
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--output", type=pathlib.Path, default="runs/keypoints")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
number, epochs = (40, 1) if given.tiny else (given.images, given.epochs)
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)
rows, kinds = [], {"face": [], "person": []}
for part, count in ("train", number), ("test", max(number // 6, 20)):
    people = {"num_people": count // 10, "absent": 0.2}
    kinds["face"].append(data.DrawnFaces(part, **people))
    kinds["person"].append(data.StickFigures(part, num_images=count))
if given.data:
    table = given.data.suffix == ".csv"
    reader = data.KeypointTable if table else data.CocoInstances
    source = reader(given.data.parent / "images", given.data)
    if not table:
        source = data.ObjectCrops(source, min_keypoints=1, backgrounds=2)
    parts = data.split(source, {"train": 0.75, "test": 0.25})
    kinds = {given.data.stem: list(parts.values())}

for kind, (seen, unseen) in kinds.items():
    fields = {"keypoints", "present", "box"} & set(seen[0])
    K = len(seen[0]["keypoints"])
    heads = {"maps": tasks.KeypointMapsHead(K)}
    model = models.DeepPose(K, trunk=trunks.SmallResNet(), heads=heads)
    reads = {task: {k: k for k in fields} for task in model.task_names}
    options = {"batch_size": 16, "image_size": 64, "cache": True}
    plain, test = (data.Batches(x, reads, **options) for x in (seen, unseen))
    sides = getattr(seen, "source", seen).flip_pairs  # left and right
    flip = data.RandomFlip(horizontal=0.5 if sides else 0.0)
    changes = data.Augment([flip, data.RandomTranslation(0.05)])
    options |= {"augment": changes, "shuffle": True}
    train = data.Batches(seen, reads, **options)
    losses = {"maps": tasks.KeypointMapsLoss(sigma=1.5)}
    losses = models.deep_pose_losses(losses=losses)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * len(train))
    model.compile(keras.optimizers.AdamW(rate), **losses)
    model.fit(train, epochs=epochs, verbose=2)
    known, truth = (data.gather_truth(x)["maps"] for x in (plain, test))
    mean, N = tasks.constant_keypoints(known), len(unseen)
    guess = np.tile(mean[1:], (N, 1)).reshape(N, K, 2)
    found = {"guess": {"keypoints": guess, "present": mean[:1] > 0}}
    pose, maps = models.deep_pose_detector, models.heat_map_pose_detector
    ways = {"regression": pose(model, stage=1), "cascade": pose(model)}
    ways["heat maps"] = maps(model, task="maps")
    found |= {way: each.predict(test, verbose=0) for way, each in ways.items()}
    for way, each in found.items():
        row = {"object": kind, "way": way}
        for metric in metrics.KeypointError(K), metrics.PCK(K, threshold=0.1):
            metric.update_state(truth, each["keypoints"])
            row[metric.name] = float(metric.result())
        right = (each["present"] > 0.5) == truth.get("present", 1)
        rows.append({**row, "presence": float(np.mean(right))})
    shown = {name: x[: len(test[0][0])] for name, x in found["cascade"].items()}
    bones = getattr(unseen, "skeleton", None)
    picture = plotting.show(test[0], {"keypoints": shown}, skeleton=bones)
    picture.savefig(given.output / f"{kind}.png")
print(training.format_table(rows))
