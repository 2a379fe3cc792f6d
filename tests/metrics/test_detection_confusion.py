import numpy as np
import pytest

from batteries import coco_images
from mtvision.metrics import detection_confusion, score_threshold_table

BOX, NEAR, FAR = [0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]


def confusion(truth, found, **options):
    boxes, classes = zip(*truth) if truth else ((), ())
    truth = {"boxes": boxes, "classes": classes}
    boxes, classes, scores = zip(*found) if found else ((), (), ())
    found = {"boxes": boxes, "classes": classes, "scores": scores}
    for field in ("crowd", "difficult"):
        if field in options:
            truth[field] = options.pop(field)
    return detection_confusion(
        [truth], [found], num_classes=2, **options
    ).tolist()


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        ([], [], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ([(BOX, 0)], [(NEAR, 0, 0.9)], [[1, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ([(BOX, 0)], [(NEAR, 1, 0.9)], [[0, 1, 0], [0, 0, 0], [0, 0, 0]]),
        ([(BOX, 0)], [(FAR, 1, 0.9)], [[0, 0, 1], [0, 0, 0], [0, 1, 0]]),
        # Below the score threshold.
        ([(BOX, 0)], [(NEAR, 0, 0.4)], [[0, 0, 1], [0, 0, 0], [0, 0, 0]]),
        # A second detection of the same object.
        (
            [(BOX, 0)],
            [(NEAR, 0, 0.9), (BOX, 0, 0.8)],
            [[1, 0, 0], [0, 0, 0], [1, 0, 0]],
        ),
        # The right class first, though its score is lower.
        (
            [(BOX, 0)],
            [(BOX, 1, 0.9), (NEAR, 0, 0.8)],
            [[1, 0, 0], [0, 0, 0], [0, 1, 0]],
        ),
        # Two objects in one place.
        (
            [(BOX, 0), (BOX, 1)],
            [(BOX, 1, 0.9), (BOX, 0, 0.8)],
            [[1, 0, 0], [0, 1, 0], [0, 0, 0]],
        ),
    ],
)
def test_by_hand(truth, found, expected):
    assert confusion(truth, found) == expected


def test_ignored_objects():
    truth, none = [(BOX, 0)], [[0] * 3] * 3
    found = [(BOX, 0, 0.9), (NEAR, 0, 0.8)]
    assert confusion(truth, found, crowd=[1]) == none
    assert confusion(truth, found[:1], difficult=[1]) == none
    # Only once.
    assert confusion(truth, found, difficult=[1])[2] == [1, 0, 0]
    assert confusion(truth, [], difficult=[1]) == none
    # Of another class it is a false detection, as in COCO.
    assert confusion(truth, [(BOX, 1, 0.9)], crowd=[1])[2] == [0, 1, 0]


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.8])
def test_sums_are_those_of_the_score_threshold_table(threshold):
    data = coco_images.truth(), coco_images.detections("boxes")
    counts = detection_confusion(*data, score_threshold=threshold)
    assert counts.shape == (4, 4)
    assert counts[3, 3] == 0
    for number in range(3):
        table = score_threshold_table(
            *data, thresholds=[threshold], class_number=number
        )
        table = {name: int(value[0]) for name, value in table.items()}
        assert counts[number, number] == table["right"]
        column, row = counts[:, number].sum(), counts[number].sum()
        assert column == table["right"] + table["wrong"]
        assert row == table["right"] + table["missed"]


def test_the_best_of_each_class_only():
    found = [(BOX, 0, 0.9)] * 5 + [(FAR, 1, 0.8)] * 5
    counts = confusion([(BOX, 0)], found, max_detections=2)
    assert counts == [[1, 0, 0], [0, 0, 0], [1, 2, 0]]
    everything = confusion([(BOX, 0)], found, max_detections=None)
    assert np.sum(everything) == 10
