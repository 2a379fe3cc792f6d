import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteries import coco_images
from mtvision.metrics import coco_evaluate, precision_recall_curves
from mtvision.metrics.precision_recall import envelope, precision_recall

EXPECTED = coco_images.expected()


@pytest.mark.parametrize("place", [0, 3, 5, 9])
def test_the_curves_are_those_of_pycocotools(place):
    """Its precision is ours at 101 recalls, taken as the best from there on."""
    curves = precision_recall_curves(
        coco_images.truth(),
        coco_images.detections("boxes"),
        iou_threshold=np.linspace(0.5, 0.95, 10)[place],
    )
    for number, curve in enumerate(curves):
        expected = EXPECTED["boxes/precision"][place, :, number, 0, 2]
        where = np.searchsorted(curve.recall, np.linspace(0, 1, 101))
        found = np.append(envelope(curve.precision), 0.0)[where]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
        recall = EXPECTED["boxes/recall"][place, number, 0, 2]
        assert curve.recall[-1] == pytest.approx(recall, abs=1e-12)


def random_images(seed):
    random = np.random.default_rng(seed)

    def boxes(number):
        corner = random.integers(0, 6, (number, 2)) * 4.0
        size = random.integers(2, 7, (number, 2)) * 4.0
        return np.hstack([corner, corner + size])

    def objects(number, **fields):
        classes = random.integers(0, 2, number)
        return {"boxes": boxes(number), "classes": classes, **fields}

    truth, found = [], []
    for size in random.integers(0, 6, 4):
        crowd, difficult = random.random((2, size)) < 0.25
        truth.append(objects(size, crowd=crowd, difficult=difficult))
        size = random.integers(0, 8)
        # Few values, so that scores are often equal.
        found.append(objects(size, scores=random.integers(1, 6, size) / 6))
    return truth, found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_crowds_and_difficult_objects_as_in_pycocotools(seed):
    data = random_images(seed)
    result = coco_evaluate(*data, num_classes=2)
    for place in (0, 4):
        curves = precision_recall_curves(
            *data, num_classes=2, iou_threshold=result.iou_thresholds[place]
        )
        for number, curve in enumerate(curves):
            expected = result.precision[place, :, number, 0, 2]
            assert (expected[0] < 0) == (curve.num_objects == 0)
            if curve.num_objects:
                where = np.searchsorted(curve.recall, result.recall_thresholds)
                found = np.append(envelope(curve.precision), 0.0)[where]
                np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_points_are_those_of_scikit_learn():
    from sklearn import metrics

    random = np.random.default_rng(0)
    right = random.random(40) < 0.6
    scores = np.sort(random.random(40))[::-1]
    curve = precision_recall(scores, right, right.sum())
    precision, recall, thresholds = metrics.precision_recall_curve(
        right, scores
    )
    np.testing.assert_allclose(precision[:-1][::-1], curve.precision)
    np.testing.assert_allclose(recall[:-1][::-1], curve.recall)
    np.testing.assert_allclose(thresholds[::-1], curve.scores)


def test_classes_without_objects_or_detections():
    truth = [{"boxes": [[0, 0, 9, 9]], "classes": [1]}]
    found = [{"boxes": [[0, 0, 9, 9]], "classes": [0], "scores": [0.5]}]
    one, two, three = precision_recall_curves(truth, found, num_classes=3)
    assert np.isnan(one.recall).all()
    assert one.precision.tolist() == [0]
    assert len(two.scores) == 0
    assert (two.num_objects, three.num_objects) == (1, 0)
