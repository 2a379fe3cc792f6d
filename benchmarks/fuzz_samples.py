"""Samples for `fuzz.py`: the checker, batches, and metrics that are functions.

`TARGETS` are functions of a folder and a `random.Random`; what they return
must be finite.
"""

import fuzz_truths
import numpy as np
from fuzz_truths import spoil_array

import mtvision as mtv

SIZE = 16
CLASSES = {"classes": ["a", "b", "c"], "semantic": 3, "label": 4}
TARGETS_OF = {
    "boxes": {"boxes": "boxes", "classes": "classes", "masks": "masks"},
    "mask": "semantic",
    "depth": "depth",
    "kind": "label",
    "points": "keypoints",
}


def sample(generator):
    """A sample in which there is nothing wrong."""
    corners = np.array([(1, 1), (9, 1), (1, 9)])
    sides = generator.integers(3, 7, (3, 2))
    places = generator.uniform(0, SIZE, (3, 4, 2))
    return {
        "image": generator.integers(0, 256, (SIZE, SIZE, 3)).astype("uint8"),
        "boxes": np.concatenate([corners, corners + sides], 1).astype("f4"),
        "classes": generator.integers(0, 3, 3).astype("int32"),
        "masks": np.ones((3, SIZE, SIZE), "uint8"),
        "crowd": np.zeros(3, "int32"),
        "keypoints": np.dstack([places, np.full((3, 4), 2)]).astype("f4"),
        "semantic": generator.integers(0, 3, (SIZE, SIZE)).astype("int32"),
        "depth": generator.uniform(1, 5, (SIZE, SIZE)).astype("float32"),
        "label": np.array(generator.integers(0, 4), "int32"),
    }


def source(rng):
    """Three samples, of which some have something wrong."""
    generator = np.random.default_rng(rng.getrandbits(32))
    samples = [sample(generator) for _ in range(3)]
    for each in samples:
        for _ in range(rng.choice([0, 0, 1, 2])):
            name = rng.choice(list(each))
            choice = rng.random()
            if choice < 0.05:
                each.pop(name)
            elif choice < 0.15:
                each[name] = rng.choice([None, "text", 5, [], {}, object()])
            else:
                each[name] = spoil_array(each[name], rng)
        if not each:
            each["image"] = 0
    return samples


def checker(folder, rng):
    """`check`, its report, and batches of what it left or mended."""
    on_error = rng.choice(["skip", "fix", "raise"])
    near = rng.choice([None, 4])
    report = mtv.data.check(
        source(rng),
        on_error=on_error,
        classes=CLASSES,
        near_duplicates=near,
        verbose=0,
    )
    str(report).encode()
    if not len(report.source):
        return []
    return batch_of(report.source, rng)


def batches(folder, rng):
    """`Batches`, with and without augmentation."""
    return batch_of(source(rng), rng)


def batch_of(samples, rng):
    chosen = rng.sample(list(TARGETS_OF), rng.randint(1, len(TARGETS_OF)))
    steps = [mtv.data.RandomFlip(), mtv.data.RandomRotation(20)]
    data = mtv.data.Batches(
        samples,
        {task: TARGETS_OF[task] for task in chosen},
        batch_size=3,
        image_size=rng.choice([8, 16, 24]),
        max_objects=4,
        augment=rng.choice([None, mtv.data.Augment(steps)]),
        invalid_boxes=rng.choice(["raise", "drop"]),
    )
    x, y, weights = data[0]
    found = [x]
    for task, truth in y.items():
        labelled = weights[task] > 0
        if task in ("boxes", "kind"):  # others may be missing in part
            fields = truth.values() if isinstance(truth, dict) else [truth]
            found += [field[labelled] for field in fields]
    return found


def lists(rng):
    """Objects and detections of three images, as evaluations take them."""
    generator = np.random.default_rng(rng.getrandbits(32))
    truth = fuzz_truths.objects()
    truth["difficult"] = np.zeros((3, 3), "int32")
    found = {
        "boxes": truth["boxes"] + generator.normal(size=(3, 3, 4)),
        "scores": generator.uniform(size=(3, 3)),
        "classes": generator.integers(-1, 3, (3, 3)),
        "masks": truth["masks"],
        "phrases": truth["phrases"],
        "keypoints": truth["keypoints"],
    }
    extreme = ("extreme_points",)
    truth = {k: v for k, v in truth.items() if k not in extreme}
    if rng.random() < 0.5:
        truth = fuzz_truths.spoil(truth, rng)
    else:
        found = fuzz_truths.spoil(found, rng)
    if rng.random() < 0.5:
        return truth, found
    return unstacked(truth), unstacked(found)


def unstacked(fields):
    """A list of three dicts, if these are arrays of three images."""
    if not isinstance(fields, dict) or not all(
        np.shape(v)[:1] == (3,) for v in fields.values()
    ):
        return fields
    return [{k: v[i] for k, v in fields.items()} for i in range(3)]


def coco_evaluate(folder, rng):
    """`coco_evaluate` of boxes, masks and key points."""
    truth, found = lists(rng)
    kind = rng.choice(["boxes", "masks", "keypoints"])
    sigmas = [0.1, 0.1, 0.1] if kind == "keypoints" else None
    mtv.metrics.coco_evaluate(truth, found, kind=kind, sigmas=sigmas)
    return []  # NaN stands for what no object tells


def detections(folder, rng):
    """Confusion, curves, thresholds and VOC's precision of detections."""
    truth, found = lists(rng)
    mtv.metrics.precision_recall_curves(truth, found)
    mtv.metrics.voc_average_precision(truth, found)
    mtv.metrics.score_threshold_table(truth, found)
    return [mtv.metrics.detection_confusion(truth, found)]


def captions(folder, rng):
    """`dense_captioning_evaluate`."""
    mtv.metrics.dense_captioning_evaluate(*lists(rng))
    return []


def panoptic(folder, rng):
    """`panoptic_evaluate`."""
    generator = np.random.default_rng(rng.getrandbits(32))
    truth = generator.integers(0, 3, (2, 6, 6)) * 1000
    truth += generator.integers(0, 2, (2, 6, 6))
    found = truth.copy()
    if rng.random() < 0.5:
        truth = spoil_array(truth, rng)
    else:
        found = spoil_array(found, rng)
    mtv.metrics.panoptic_evaluate(truth, found, num_classes=3, things=[1, 2])
    return []


def verification(folder, rng):
    """Distances of pairs, all pairs, thresholds."""
    generator = np.random.default_rng(rng.getrandbits(32))
    spoiled = rng.randint(0, 3)

    def given(number, array):
        return spoil_array(array, rng) if number == spoiled else array

    rows = given(0, generator.normal(size=(5, 4)))
    names = given(1, np.array([0, 1, 0, 1, 1]))
    distances, same = mtv.metrics.all_pairs(rows, names)
    distances, same = given(2, distances), given(3, same)
    report = mtv.metrics.verification_report(distances, same)
    threshold = mtv.metrics.choose_threshold(distances, same)
    share = mtv.metrics.verification_accuracy(distances, same, threshold)
    return [report.auc, report.eer, share]


TARGETS = {
    "check": checker,
    "Batches": batches,
    "coco_evaluate": coco_evaluate,
    "detections": detections,
    "dense_captioning_evaluate": captions,
    "panoptic_evaluate": panoptic,
    "verification": verification,
}
