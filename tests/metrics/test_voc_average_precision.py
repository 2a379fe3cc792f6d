import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.metrics import voc_average_precision

# Ten objects side by side, of one class.
OBJECTS = [[20.0 * k, 0, 20.0 * k + 10, 10] for k in range(10)]
ELSEWHERE = [500.0, 500, 510, 510]


def images(right):
    """One image; detections by falling score, right or wrong."""
    boxes, objects = [], iter(OBJECTS)
    for each in right:
        boxes.append(next(objects) if each else ELSEWHERE)
    found = {
        "boxes": boxes,
        "classes": [0] * len(boxes),
        "scores": np.linspace(0.9, 0.1, len(boxes)),
    }
    return [{"boxes": OBJECTS, "classes": [0] * 10}], [found]


@pytest.mark.parametrize(
    ("right", "area", "points"),
    [
        ([1] * 10, 1.0, 1.0),
        # Precision 1 up to recall 0.5, nothing beyond.
        ([1] * 5, 0.5, 6 / 11),
        # Recall 0.1 at precision 1, 0.2 at 2/3.
        ([1, 0, 1], 0.1 + 0.1 * 2 / 3, (2 + 2 / 3) / 11),
        # The later precision of 2/3 counts for the first object too.
        ([0, 1, 1], 0.2 * 2 / 3, 3 * 2 / 3 / 11),
        ([0, 0], 0.0, 0.0),
    ],
)
def test_by_hand(right, area, points):
    data = images(right)
    assert voc_average_precision(*data).score == pytest.approx(area)
    score = voc_average_precision(*data, kind="11-point").score
    assert score == pytest.approx(points)


def development_kit(truth, found, threshold):
    """VOCevaldet.m of 2012 for one class, line by line; edges, not pixels."""
    npos = sum(sum(1 for d in image["difficult"] if not d) for image in truth)
    rows = [
        (score, number, box)
        for number, image in enumerate(found)
        for score, box in zip(image["scores"], image["boxes"])
    ]
    rows.sort(key=lambda row: -row[0])
    det = [[False] * len(image["boxes"]) for image in truth]
    tp, fp = np.zeros(len(rows)), np.zeros(len(rows))
    for d, (_, i, bb) in enumerate(rows):
        ovmax, jmax = -np.inf, None
        for j, bbgt in enumerate(truth[i]["boxes"]):
            bi = [*np.maximum(bb[:2], bbgt[:2]), *np.minimum(bb[2:], bbgt[2:])]
            iw, ih = bi[2] - bi[0], bi[3] - bi[1]
            if iw > 0 and ih > 0:
                ua = (bb[2] - bb[0]) * (bb[3] - bb[1])
                ua += (bbgt[2] - bbgt[0]) * (bbgt[3] - bbgt[1]) - iw * ih
                if iw * ih / ua > ovmax:
                    ovmax, jmax = iw * ih / ua, j
        if ovmax >= threshold:
            if not truth[i]["difficult"][jmax]:
                if not det[i][jmax]:
                    tp[d], det[i][jmax] = 1, True
                else:
                    fp[d] = 1
        else:
            fp[d] = 1
    fp, tp = np.cumsum(fp), np.cumsum(tp)
    rec = tp / npos
    with np.errstate(invalid="ignore"):
        prec = tp / (fp + tp)
    mrec, mpre = np.array([0, *rec, 1]), np.array([0, *prec, 0])
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = np.nanmax([mpre[i], mpre[i + 1]])
    i = np.flatnonzero(mrec[1:] != mrec[:-1]) + 1
    return ((mrec[i] - mrec[i - 1]) * mpre[i]).sum()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.5]))
def test_as_the_development_kit(seed, threshold):
    random = np.random.default_rng(seed)

    def boxes(number):
        corner = random.integers(0, 6, (number, 2))
        return np.hstack([corner, corner + random.integers(3, 8, (number, 2))])

    truth, found = [], []
    for number in random.integers(1, 6, 3):
        truth.append(
            {
                "boxes": boxes(number).astype(float),
                "classes": [0] * number,
                "difficult": [0, *(random.random(number - 1) < 0.3).tolist()],
            }
        )
        number = random.integers(0, 8)
        found.append(
            {
                "boxes": boxes(number).astype(float),
                "classes": [0] * number,
                "scores": random.random(number),
            }
        )
    score = voc_average_precision(
        truth, found, iou_threshold=threshold, num_classes=1
    ).score
    assert score == pytest.approx(development_kit(truth, found, threshold))


def test_scikit_learn_agrees_where_precision_never_rises():
    from sklearn import metrics

    # Ever longer runs of wrong ones: hit k is at a precision of 2 / (k + 1).
    right = [each for gap in range(10) for each in [0] * gap + [1]]
    truth, found = images(right)
    expected = metrics.average_precision_score(right, found[0]["scores"])
    score = voc_average_precision(truth, found).score
    assert score == pytest.approx(expected, abs=1e-12)
    assert 0.3 < score < 0.5


def test_a_difficult_object_takes_any_number_of_detections():
    truth, found = images([1, 1, 1])
    found[0]["boxes"][1] = found[0]["boxes"][0]
    found[0]["boxes"][2] = OBJECTS[1]
    duplicate = voc_average_precision(truth, found).score
    assert duplicate == pytest.approx(0.1 + 0.1 * 2 / 3)
    truth[0]["difficult"] = [1] + [0] * 9
    assert voc_average_precision(truth, found).score == pytest.approx(1 / 9)


def test_classes_are_averaged_over_those_with_objects():
    truth = [{"boxes": OBJECTS[:2], "classes": [0, 2]}]
    found = [{"boxes": OBJECTS[:2], "classes": [0, 1], "scores": [0.9, 0.8]}]
    result = voc_average_precision(truth, found, num_classes=4)
    np.testing.assert_array_equal(
        result.class_scores, [1.0, np.nan, 0.0, np.nan]
    )
    assert result.score == 0.5


def test_bad_kind():
    with pytest.raises(ValueError, match="'area' or '11-point'"):
        voc_average_precision(*images([1]), kind="11")
