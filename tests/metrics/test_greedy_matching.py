import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteries import coco_images
from mtvision import metrics
from mtvision.metrics.greedy_matching import match_greedily, pairwise_iou

EXPECTED = coco_images.expected()


def test_overlap_equals_pycocotools():
    boxes = {}
    for name in ("d", "g"):
        boxes[name] = EXPECTED[f"iou/{name}"].copy()
        boxes[name][:, 2:] += boxes[name][:, :2]
    found = pairwise_iou(boxes["d"], boxes["g"], EXPECTED["iou/iscrowd"] > 0)
    np.testing.assert_allclose(found, EXPECTED["iou/iou"], atol=1e-12)


def test_boxes_without_area_overlap_nothing():
    boxes = np.array([[3.0, 3, 3, 3], [0, 0, 9, 9], [5, 5, 5, 9]])
    overlap = pairwise_iou(boxes, boxes, np.array([True, False, False]))
    assert overlap.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def literally(overlap, threshold, ignored, crowd):
    """The loop of COCOeval.evaluateImg, line by line."""
    order = np.argsort(ignored, kind="mergesort")
    taken, result = np.zeros(len(order)), []
    for row in range(len(overlap)):
        best, match = min([threshold, 1 - 1e-10]), -1
        for place, column in enumerate(order):
            if taken[place] and not crowd[column]:
                continue
            if match > -1 and not ignored[order[match]] and ignored[column]:
                break
            if overlap[row, column] < best:
                continue
            best, match = overlap[row, column], place
        if match > -1:
            taken[match] = 1
        result.append(-1 if match == -1 else order[match])
    return result


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.25, 0.5, 0.75, 1.0]))
def test_matches_as_pycocotools_does(seed, threshold):
    random = np.random.default_rng(seed)
    shape = random.integers(0, 7, 2)
    # Few values, so that overlaps are often equal.
    overlap = random.integers(0, 5, shape) / 4
    crowd = random.random(shape[1]) < 0.2
    ignored = crowd | (random.random(shape[1]) < 0.3)
    matches = match_greedily(overlap, threshold, ignored=ignored, crowd=crowd)
    expected = literally(overlap, threshold, ignored, crowd)
    assert matches.objects.tolist() == expected
    assert matches.ignored.tolist() == [
        match >= 0 and ignored[match] for match in expected
    ]


@pytest.mark.parametrize("threshold", [0.3, 1.0])
def test_no_object_is_matched_twice(threshold):
    overlap = np.ones((4, 2))
    objects = match_greedily(overlap, threshold).objects
    assert sorted(objects.tolist()) == [-1, -1, 0, 1]


EVALUATIONS = {
    "curves": metrics.precision_recall_curves,
    "table": metrics.score_threshold_table,
    "confusion": metrics.detection_confusion,
    "voc": metrics.voc_average_precision,
}


@pytest.mark.parametrize("name", EVALUATIONS)
@pytest.mark.parametrize("threshold", [50, 0, float("nan")])
def test_the_iou_threshold_is_checked(name, threshold):
    image = {"boxes": [[0, 0, 4, 4]], "classes": [0]}
    data = [image], [image | {"scores": [0.5]}]
    with pytest.raises(ValueError, match="Expected iou_threshold as a number"):
        EVALUATIONS[name](*data, iou_threshold=threshold)
    for sound in (1, np.float32(0.5)):
        EVALUATIONS[name](*data, iou_threshold=sound)


@pytest.mark.parametrize("name", ["curves", "table", "confusion"])
@pytest.mark.parametrize("number", [-1, 2.5])
def test_the_number_of_detections_is_checked(name, number):
    image = {"boxes": [[0, 0, 4, 4]], "classes": [0]}
    data = [image], [image | {"scores": [0.5]}]
    with pytest.raises(ValueError, match="Expected max_detections as a whole"):
        EVALUATIONS[name](*data, max_detections=number)


def test_thresholds_are_checked():
    image = {"boxes": [[0, 0, 4, 4]], "classes": [0]}
    data = [image], [image | {"scores": [0.5]}]
    with pytest.raises(ValueError, match="score_threshold as a finite"):
        metrics.detection_confusion(*data, score_threshold=float("nan"))
    with pytest.raises(ValueError, match=r"thresholds \(S,\).*received 0.5"):
        metrics.score_threshold_table(*data, thresholds=0.5)
    for wrong in (0, 1.5):
        with pytest.raises(ValueError, match="threshold.*at most 1"):
            metrics.CorrectAtIoU(threshold=wrong)
    with pytest.raises(ValueError, match="threshold as a finite"):
        metrics.MultiLabelAccuracy(threshold=None)
