"""Landmarks in volumes, found by the votes of all patches.

    python examples/find_landmarks.py
    python examples/find_landmarks.py --tiny

Volumes are made, so that every landmark is known. Prints the errors on unseen
ones beside those of guessing the mean place of the training, and leaves slices
and the model in `runs/landmarks`.
"""

import argparse
import pathlib

import keras
import numpy as np

import mtvision as mtv

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--volumes", type=int, default=400)
parser.add_argument("--size", type=int, default=32)
parser.add_argument("--spacing", type=float, nargs=3, default=(1.5,) * 3)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--output", type=pathlib.Path, default="runs/landmarks")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
if given.tiny:
    given.volumes, given.size, given.epochs = 16, 16, 1
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)


def batches(split, number):
    """Batches of made volumes; both outputs read the same landmarks."""
    options = {"size": given.size, "spacing": tuple(given.spacing)}
    source = mtv.data.SyntheticVolumes(split, num_volumes=number, **options)
    tasks = ("landmarks_presence", "landmarks_displacement")
    targets = dict.fromkeys(tasks, "landmarks")
    options = {"batch_size": 8, "shuffle": split == "train", "cache": True}
    return mtv.data.Batches(source, targets, inputs="volume", **options)


train = batches("train", given.volumes)
test = batches("test", max(given.volumes // 8, 4))
names = test.source.landmark_names
model = mtv.models.VolumeLandmarks(len(names), volume_size=given.size)
decay = keras.optimizers.schedules.CosineDecay
optimizer = keras.optimizers.AdamW(decay(3e-3, given.epochs * len(train)))
model.compile(optimizer, **mtv.models.volume_landmarks_losses())
model.fit(train, epochs=given.epochs)
detector = mtv.models.volume_landmarks_detector(model)

truth, known = (
    mtv.data.gather_truth(part)["landmarks_presence"] for part in (test, train)
)
found = detector.predict(test, verbose=0)["landmarks"]
guess = np.nanmean(known[..., :3], axis=0)
rows = []
for k, name in [*enumerate(names), (slice(None), "all")]:
    row = {"landmark": name}
    for unit, places, scale in (
        ("voxels", found, 1.0),
        ("mm", found, given.spacing),
        ("voxels, guessed", guess, 1.0),
    ):
        # NaN where the landmark is not there.
        errors = ((places - truth[..., :3]) * scale)[:, k]
        distances = np.linalg.norm(errors, axis=-1)
        row[f"mean {unit}"] = float(np.nanmean(distances))
        row[f"median {unit}"] = float(np.nanmedian(distances))
    rows.append(row)
print(mtv.training.format_table(rows))

model.save(given.output / "landmarks.keras")
volume = test.source[0]["volume"]
figure = mtv.plotting.draw_volume_landmarks(
    volume, truth[0], found[0], names=names, spacing=given.spacing
)
figure.savefig(given.output / "slices.png")
