"""Models that talk nonsense for `fuzz.py`, behind the metrics that run them.

`TARGETS` are functions of a folder and a `random.Random`; what they return
must be finite.
"""

import types

import keras
import numpy as np
from fuzz_samples import lists
from fuzz_truths import BATCH, spoil, spoil_array

import mtvision as mtv

IMAGES = np.zeros((BATCH, 8, 8, 3), "float32")


class Pretended(keras.Model):
    """A model that gives what it is told, whatever it sees.

    Args:
        found: Array, or dict of arrays.
    """

    def __init__(self, found):
        super().__init__()
        self.found = found

    def predict_on_batch(self, x):
        """What was told."""
        return self.found


def batches(truth, task, rng):
    """Data of one batch, now and then with odd weights or names."""
    truth = {rng.choice([task] * 19 + ["other"]): truth}
    weights = {task: np.ones(BATCH, "float32")}
    choice = rng.random()
    if choice < 0.3:
        weights = spoil(weights, rng, 1)
    elif choice < 0.5:
        return [(IMAGES, truth)]
    return [(IMAGES, truth, weights)]


def stacked(fields):
    """Fields of a list of images as those of a batch."""
    if isinstance(fields, list):
        return {k: np.stack([each[k] for each in fields]) for k in fields[0]}
    return fields


def detector(folder, rng):
    """`CocoMeanAveragePrecision` of boxes, masks and key points."""
    truth, found = map(stacked, lists(rng))
    kind = rng.choice(["boxes", "masks", "keypoints"])
    evaluation = mtv.metrics.CocoMeanAveragePrecision(
        batches(truth, "boxes", rng),
        Pretended(found),
        kind=kind,
        sigmas=[0.1, 0.1, 0.1] if kind == "keypoints" else None,
        verbose=0,
    )
    evaluation.evaluate()
    return []  # NaN stands for what no object tells


def captioner(folder, rng):
    """`collect_detections` of phrases."""
    truth, found = map(stacked, lists(rng))
    data = batches(truth, "boxes", rng)
    pairs = mtv.metrics.collect_detections(
        data, Pretended(found), kind="phrases", verbose=0
    )
    mtv.metrics.dense_captioning_evaluate(*pairs)
    return []


def segmenter(folder, rng):
    """`PanopticQuality`."""
    generator = np.random.default_rng(rng.getrandbits(32))
    truth = generator.integers(0, 3, (BATCH, 6, 6)) * 1000
    found = truth.astype("float32" if rng.random() < 0.5 else "int32")
    if rng.random() < 0.5:
        truth = spoil_array(truth, rng)
    else:
        found = spoil_array(found, rng)
    name = rng.choice(["panoptic"] * 9 + ["other"])
    evaluation = mtv.metrics.PanopticQuality(
        batches(truth, "panoptic", rng),
        Pretended(found if rng.random() < 0.5 else {name: found}),
        num_classes=3,
        things=[1, 2],
    )
    evaluation.evaluate()
    return []


def comparer(folder, rng):
    """`PairVerification`."""
    found, same = np.float32([[0.1], [0.7], [0.3]]), np.array([1, 0, 1])
    if rng.random() < 0.5:
        same = spoil_array(same, rng)
    else:
        found = spoil_array(found, rng)
    model = types.SimpleNamespace(
        output={"same": None},
        predict_on_batch=lambda x: {"same": found},
    )
    evaluation = mtv.metrics.PairVerification(batches(same, "same", rng), model)
    return list(evaluation.evaluate().values())


def recognizer(folder, rng):
    """`FaceRecognizer`."""
    generator = np.random.default_rng(rng.getrandbits(32))
    found = generator.normal(size=(BATCH, 4)).astype("float32")
    model = types.SimpleNamespace(
        output_shape=(None, 4),
        input_shape=(None, 8, 8, 3),
        predict=lambda x, **options: found,
    )
    known = mtv.recognition.Gallery(4, threshold=1.0)
    faces = mtv.recognition.FaceRecognizer(model, known)
    images = spoil_array(IMAGES, rng)
    for name, image in zip("abc", IMAGES):
        faces.add(name, image, force=True)
    found = spoil_array(found, rng)
    return [each.distance for each in np.ravel(faces.identify(images))]


TARGETS = {
    "CocoMeanAveragePrecision": detector,
    "collect_detections, phrases": captioner,
    "PanopticQuality": segmenter,
    "PairVerification": comparer,
    "FaceRecognizer": recognizer,
}
