"""Faces of people who were in no training: the same person, and which one.

    python examples/recognise_faces.py
    python examples/recognise_faces.py --data face_verification_orl

Learns by triplets, and by whitening small images; thresholds come of people
of neither training nor test. Leaves the curves in `runs/faces/roc.png`.
"""

import argparse
import pathlib

import keras

import mtvision as mtv
from mtvision import data, metrics

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--data", type=pathlib.Path, help="the ORL faces")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--output", type=pathlib.Path, default="runs/faces")
parser.add_argument("--tiny", action="store_true", help="a test in seconds")
given = parser.parse_args()
given.output.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(given.seed)
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
steps = [data.RandomFlip(), data.RandomScale(high=1.15), data.RandomRotation(6)]
steps = data.Augment([*steps, data.RandomTranslation(0.05)], fill=100)
how = {"shuffle": True, "group_by": "identity", "cache": True, **size}
train = data.Batches(parts[0], {"embedding": "identity"}, augment=steps, **how)
options = {"level": "P2", "pooling": "flatten", "dropout": 0.5, **size}
model = mtv.models.FaceNet(trunk=mtv.trunks.WindowNet((16, 32, 64)), **options)
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train))
losses = mtv.models.face_net_losses(margin=0.3)
model.compile(keras.optimizers.AdamW(rate), **losses)
model.fit(train, epochs=epochs)
names = {name: name for name in ("first_image", "second_image")}
how = {"targets": {"same": "same"}, "inputs": names, **size}
tuning = data.Batches(data.RandomPairs(parts[1], num_pairs=number), **how)
asked = data.Batches(pairs, **how)
seen, shown = (data.Batches(x, {"who": "identity"}, **size) for x in parts[::2])
people, who = (data.gather_truth(faces)["who"] for faces in (seen, shown))
learned = mtv.models.face_embedder(model, mirrored=True)
image = keras.Input((40, 32, 3))
small = keras.layers.Flatten()(keras.layers.AveragePooling2D(4)(image))
small = keras.Model(image, small)
whitened = mtv.models.whitened_embedder(small, small.predict(seen), people)
both = keras.layers.Concatenate()([learned(image), whitened(image)])
networks = {"pixels": keras.layers.Flatten(), "whitened pixels": whitened}
networks |= {"learned": learned, "both": keras.Model(image, both)}
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
rows.append(dict(zip(rows[0], ("none", 0.5, 0.5, 0.01, 0.0, 1.0, 0.5))))
print(mtv.training.format_table(rows))
mtv.plotting.draw_roc(reports, least=0.001).savefig(given.output / "roc.png")
