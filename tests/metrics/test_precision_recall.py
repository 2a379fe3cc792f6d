import numpy as np
import pytest

from batteries import coco_images
from mtvision.metrics import precision_recall_curves
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
