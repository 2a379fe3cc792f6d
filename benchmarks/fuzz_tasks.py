"""Every loss and metric for `fuzz.py`, each with a truth that is right.

`TASKS` are functions of a `random.Random` that give a loss, its truth, its
outputs and metrics that are fed with the same; `METRICS` likewise, of a metric,
its truth and its outputs.
"""

import numpy as np
from fuzz_truths import BATCH, CLASSES, SIZE, Numbers, as_numpy, objects

from mtvision import losses, metrics, tasks
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.volume_landmarks.columns import join as join_volume

USED = {
    "RegionMasksLoss": "masks",
    "RegionCaptionsLoss": "phrases",
    "RegionKeypointsLoss": "keypoints",
    "ExtremeHeatMapLoss": "extreme_points",
    "ExtremeOffsetLoss": "extreme_points",
}


def of_objects(name, outputs, **arguments):
    def make(rng):
        truth = objects()
        kept = {"boxes", "classes", "crowd", USED.get(name, "boxes")}
        truth = {k: v for k, v in truth.items() if k in kept}
        if rng.random() < 0.2:
            truth["annotated"] = np.ones((BATCH, CLASSES))
        loss = getattr(tasks, name)(**arguments)
        return loss, truth, outputs(Numbers(rng)), []

    return make


def plain(loss, truth, outputs, measure=()):
    """Of arrays: functions that make each."""

    def make(rng):
        numbers = Numbers(rng)
        generator = np.random.default_rng(rng.getrandbits(32))
        return (
            loss(),
            truth(generator),
            outputs(numbers),
            [metric() for metric in measure],
        )

    return make


def class_map(generator):
    return generator.integers(0, CLASSES, (BATCH, 4, 5))


def binary_map(generator):
    return generator.integers(0, 2, (BATCH, 4, 5))


def depth_map(generator):
    return generator.uniform(1, 5, (BATCH, 4, 5)).astype("float32")


def normals_map(generator):
    values = generator.normal(size=(BATCH, 4, 5, 3)).astype("float32")
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def box_rows(generator):
    corner = generator.uniform(0, 9, (BATCH, 2))
    return np.concatenate([corner, corner + 5], -1).astype("float32")


def localization(generator):
    boxes = box_rows(generator)
    return np.float32([[1, *boxes[0], 1], [0] * 5 + [-1], [1, *boxes[2], 2]])


def points(generator):
    places = generator.uniform(0, 20, (BATCH, 2, 2))
    return np.concatenate([places, np.full((BATCH, 2, 1), 2)], -1).astype("f4")


def landmarks(generator):
    places = generator.uniform(0, 4, (BATCH, 2, 3))
    return np.concatenate([places, np.ones((BATCH, 2, 1))], -1).astype("f4")


def volume(values):
    def outputs(numbers):
        return as_numpy(
            join_volume(numbers(2, 3, 4, 2 * values), (2.0, 4.0, 5.0))
        )

    return outputs


def maps_of(channels):
    return lambda numbers: numbers(4, 5, channels)


def overlap(loss):
    return plain(
        loss,
        class_map,
        maps_of(CLASSES),
        [
            lambda: metrics.MeanIoU(CLASSES),
            lambda: metrics.ConfusionMatrix(CLASSES),
        ],
    )


def embeddings(numbers):
    values = numbers(4)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


TASKS = {
    "DetectionLoss": of_objects("DetectionLoss", lambda n: n.rows(4 + 3)),
    "MultiBoxLoss": of_objects("MultiBoxLoss", lambda n: n.rows(4 + 4)),
    "WindowClassesLoss": of_objects("WindowClassesLoss", lambda n: n.rows(4)),
    "WindowBoxesLoss": of_objects("WindowBoxesLoss", lambda n: n.rows(4)),
    "CenterHeatMapLoss": of_objects("CenterHeatMapLoss", lambda n: n.maps(3)),
    "CenterSizeLoss": of_objects("CenterSizeLoss", lambda n: n.maps(2)),
    "CenterOffsetLoss": of_objects("CenterOffsetLoss", lambda n: n.maps(2)),
    "ExtremeHeatMapLoss": of_objects(
        "ExtremeHeatMapLoss", lambda n: n.maps(12)
    ),
    "ExtremeOffsetLoss": of_objects("ExtremeOffsetLoss", lambda n: n.maps(8)),
    "RegionMasksLoss": of_objects(
        "RegionMasksLoss", lambda n: n.regions(4, 4, 3)
    ),
    "RegionClassesLoss": of_objects(
        "RegionClassesLoss", lambda n: n.regions(4)
    ),
    "RegionBoxesLoss": of_objects("RegionBoxesLoss", lambda n: n.regions(12)),
    "RegionCaptionsLoss": of_objects(
        "RegionCaptionsLoss", lambda n: n.regions(2, 5)
    ),
    "RegionKeypointsLoss": of_objects(
        "RegionKeypointsLoss", lambda n: n.regions(4, 4, 3)
    ),
    "ProposalObjectnessLoss": of_objects(
        "ProposalObjectnessLoss", lambda n: n.rows(1)
    ),
    "ProposalBoxesLoss": of_objects("ProposalBoxesLoss", lambda n: n.rows(4)),
    "YOLOLoss": of_objects("YOLOLoss", Numbers.yolo),
    "YOLOv1Loss": of_objects(
        "YOLOv1Loss", lambda n: n(4, 4, 13), image_size=SIZE
    ),
    "SegmentationLoss": overlap(tasks.SegmentationLoss),
    "Dice": overlap(losses.Dice),
    "Tversky": overlap(losses.Tversky),
    "GeneralizedDice": overlap(losses.GeneralizedDice),
    "CategoricalFocal": overlap(losses.CategoricalFocal),
    "WeightedSum": overlap(
        lambda: losses.WeightedSum([tasks.SegmentationLoss(), losses.Dice()])
    ),
    "BinaryFocal": plain(losses.BinaryFocal, binary_map, lambda n: n(4, 5)),
    "EdgesLoss": plain(
        tasks.EdgesLoss, binary_map, maps_of(1), [tasks.EdgeFMeasure]
    ),
    "BerHuLoss": plain(
        tasks.BerHuLoss, depth_map, maps_of(1), [tasks.DepthErrors]
    ),
    "DepthL1Loss": plain(tasks.DepthL1Loss, depth_map, maps_of(1)),
    "ScaleInvariantDepthLoss": plain(
        tasks.ScaleInvariantDepthLoss,
        depth_map,
        lambda n: np.abs(n(4, 5, 1)) + 0.1,
        [tasks.DepthErrors],
    ),
    "NormalsLoss": plain(
        tasks.NormalsLoss, normals_map, maps_of(3), [tasks.NormalAngles]
    ),
    "ClassificationLoss": plain(
        tasks.ClassificationLoss,
        lambda g: g.integers(0, CLASSES, BATCH),
        lambda n: n(CLASSES),
        [lambda: metrics.ConfusionMatrix(CLASSES)],
    ),
    "ClassificationLoss (multi-label)": plain(
        lambda: tasks.ClassificationLoss(multi_label=True),
        lambda g: g.integers(0, 2, (BATCH, CLASSES)),
        lambda n: n(CLASSES),
        [metrics.MultiLabelAccuracy],
    ),
    "SmoothL1": plain(losses.SmoothL1, box_rows, lambda n: n(4)),
    "Wing": plain(losses.Wing, box_rows, lambda n: n(4)),
    "BoxIoU": plain(
        losses.BoxIoU,
        box_rows,
        lambda n: n(4),
        [metrics.BoxIoU, metrics.CorrectAtIoU],
    ),
    "Contrastive": plain(
        losses.Contrastive,
        lambda g: np.array([[1], [0], [1]]),
        lambda n: np.abs(n(1)),
    ),
    "Triplet": plain(
        lambda: losses.Triplet(margin=5.0),
        lambda g: np.array([0, 0, 1]),
        embeddings,
    ),
    "LocalizationLoss": plain(
        tasks.LocalizationLoss,
        localization,
        lambda n: n(5 + CLASSES),
        [
            tasks.LocalizationIoU,
            tasks.LocalizationCorrect,
            tasks.ObjectnessAccuracy,
        ],
    ),
    "KeypointsLoss": plain(
        tasks.KeypointsLoss,
        points,
        lambda n: n(5),
        [
            lambda: tasks.KeypointsError(2),
            lambda: tasks.KeypointsPCK(2),
            lambda: tasks.KeypointsSimilarity(sigmas=(0.1, 0.2)),
            tasks.KeypointsPresence,
        ],
    ),
    "KeypointMapsLoss": plain(
        tasks.KeypointMapsLoss,
        points,
        lambda n: as_numpy(join_cells(n(4, 4, 2), 8)),
    ),
    "LandmarkPresenceLoss": plain(
        tasks.LandmarkPresenceLoss, landmarks, volume(1)
    ),
    "LandmarkDisplacementLoss": plain(
        tasks.LandmarkDisplacementLoss, landmarks, volume(3)
    ),
}


def of_points(metric):
    return plain(metric, points, lambda n: n(2, 2))


def of_boxes(metric):
    return plain(metric, box_rows, lambda n: n(4))


def of_landmarks(metric):
    return plain(metric, landmarks, lambda n: n(2, 3))


METRICS = {
    "MeanIoU": plain(
        lambda: metrics.MeanIoU(CLASSES, ignore_class=255),
        class_map,
        maps_of(CLASSES),
    ),
    "ConfusionMatrix": plain(
        lambda: metrics.ConfusionMatrix(CLASSES), class_map, maps_of(CLASSES)
    ),
    "metrics.BoxIoU": of_boxes(metrics.BoxIoU),
    "CorrectAtIoU": of_boxes(metrics.CorrectAtIoU),
    "KeypointError": of_points(lambda: metrics.KeypointError(2)),
    "PCK": of_points(lambda: metrics.PCK(2)),
    "ObjectKeypointSimilarity": of_points(
        lambda: metrics.ObjectKeypointSimilarity(sigmas=(0.1, 0.2))
    ),
    "MultiLabelAccuracy": plain(
        metrics.MultiLabelAccuracy,
        lambda g: g.integers(0, 2, (BATCH, CLASSES)),
        lambda n: n(CLASSES),
    ),
    "LandmarkError": of_landmarks(tasks.LandmarkError),
    "LandmarksFound": of_landmarks(tasks.LandmarksFound),
    "DepthErrors": plain(tasks.DepthErrors, depth_map, maps_of(1)),
    "NormalAngles": plain(tasks.NormalAngles, normals_map, maps_of(3)),
    "EdgeFMeasure": plain(tasks.EdgeFMeasure, binary_map, maps_of(1)),
}
