"""Faces of people who were in no training: the same person, and which one.

    python examples/recognise_faces.py
    python examples/recognise_faces.py --data face_verification_orl

Learns by triplets to bring faces of a person together. The thresholds come of
people of neither training nor test. Leaves the curves in `runs/faces/roc.png`.
"""

import argparse
import pathlib

import keras

import mtvision as mtv
from mtvision import data, metrics

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path, help="the ORL faces")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--output", type=pathlib.Path, default="runs/faces")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(0)
epochs, number = (1, 60) if given.tiny else (given.epochs, 900)
size = {"image_size": (40, 32)}
if given.data:
    names = [f"s{number:02d}" for number in range(1, 41)]
    parts = names[:25], names[25:30], names[30:]
    parts = [data.IdentityFolders(given.data, identities=p) for p in parts]
    pairs = data.VerificationPairs(parts[2], given.data / "pairs_test.csv")
else:
    people = {"train": 60, "validation": 10, "test": 10}
    people = dict.fromkeys(people, 4) if given.tiny else people
    parts = [data.DrawnFaces(p, num_people=people[p]) for p in people]
    pairs = data.RandomPairs(parts[2], num_pairs=number)
steps = [data.RandomFlip(), data.RandomScale(high=1.3), data.RandomRotation(10)]
steps = data.Augment([*steps, data.RandomTranslation(0.08)], fill=100)
how = {"shuffle": True, "group_by": "identity", "cache": True, **size}
train = data.Batches(parts[0], {"embedding": "identity"}, augment=steps, **how)
options = {"level": "P2", "pooling": "flatten", "dropout": 0.5, **size}
model = mtv.models.FaceNet(trunk=mtv.trunks.WindowNet((16, 32, 64)), **options)
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train))
losses = mtv.models.face_net_losses(margin=0.3)
model.compile(keras.optimizers.AdamW(rate), **losses)
model.fit(train, epochs=epochs)
names = ("first_image", "second_image")
tuning, asked = (
    data.Batches(x, {"same": "same"}, inputs=dict(zip(names, names)), **size)
    for x in (data.RandomPairs(parts[1], num_pairs=number), pairs)
)
shown = data.Batches(parts[2], {"who": "identity"}, **size)
who = data.gather_truth(shown)["who"]
image = keras.Input((40, 32, 3))
coarse = keras.layers.Flatten()(keras.layers.AveragePooling2D(8)(image / 300))
learned = mtv.models.face_embedder(model, mirrored=True)
both = keras.layers.Concatenate()([learned(image), coarse])
networks = {"learned": learned, "pixels": keras.layers.Flatten()}
networks["learned, coarse pixels"] = keras.Model(image, both)
rows, reports = [], {}
for name, network in networks.items():
    siamese = mtv.models.Siamese(network, **size)
    tuned, known = metrics.collect_pairs(tuning, siamese)
    distances, same = metrics.collect_pairs(asked, siamese)
    best = metrics.choose_threshold(tuned, known)
    accuracy = metrics.verification_accuracy(distances, same, best)
    report = reports[name] = metrics.verification_report(distances, same)
    row = {"distance": name, "accuracy": accuracy, "EER": report.eer}
    row["TAR at FAR 1 %"] = report.true_accepts_at[0.01]
    strict = metrics.choose_threshold(tuned, known, false_accept_rate=0.05)
    faces = mtv.models.face_embedder(siamese).predict(shown, verbose=0)
    row |= mtv.recognition.one_shot_report(faces, who, threshold=strict)
    rows.append(row)
guess = ("none", float(max(same.mean(), 1 - same.mean())), 0.5, 0.01, 0.0, 1.0)
rows.append(dict(zip(rows[0], (*guess, 0.5))))
print(mtv.training.format_table(rows))
mtv.plotting.draw_roc(reports, least=0.001).savefig(given.output / "roc.png")
