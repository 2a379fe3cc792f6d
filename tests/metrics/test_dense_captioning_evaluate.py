import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.metrics import dense_captioning_evaluate, voc_average_precision
from mtvision.metrics.dense_captioning_evaluate import token_accuracy


def images(seed, count=4):
    """Boxes that lie near true ones, with phrases near the true ones."""
    random = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(count):
        number = random.integers(0, 4)
        corner = random.integers(0, 40, (number, 2))
        boxes = np.concatenate([corner, corner + 12], -1).astype("float64")
        phrases = random.integers(1, 4, (number, 4))
        phrases[:, 3] *= random.integers(0, 2, number)
        truth.append(
            {"boxes": boxes, "classes": np.zeros(number), "phrases": phrases}
        )
        rows = random.integers(0, number, 6) if number else np.zeros(0, int)
        own = phrases[rows]
        own = np.where(random.random(own.shape) < 0.3, 2, own)
        found.append(
            {
                "boxes": boxes[rows] + random.integers(-3, 4, (len(rows), 4)),
                "classes": np.zeros(len(rows)),
                "scores": random.random(len(rows)).round(2),
                "phrases": own,
            }
        )
    return truth, found


def box_iou(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    inside = np.maximum(high - low, 0).prod()
    return inside / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inside)


def literal(truth, found, least_overlap, least_accuracy):
    """DenseCap's evaluation, line by line, but for the words."""
    records, number = [], 0
    for true, some in zip(truth, found):
        number += len(true["boxes"])
        used = set()
        for row in np.argsort(-some["scores"], kind="stable"):
            overlaps = [box_iou(some["boxes"][row], b) for b in true["boxes"]]
            best = max(range(len(overlaps)), key=overlaps.__getitem__)
            if overlaps[best] == 0:
                records.append((some["scores"][row], False))
                continue
            a, b = (
                [w for w in phrase if w]
                for phrase in (true["phrases"][best], some["phrases"][row])
            )
            same = sum(x == y for x, y in zip(a, b)) / max(len(a), len(b))
            right = best not in used and overlaps[best] >= least_overlap
            records.append(
                (some["scores"][row], right and same >= least_accuracy)
            )
            used.add(best)
    records.sort(key=lambda record: -record[0])
    hits, points = 0, []
    for place, (_, right) in enumerate(records, start=1):
        hits += right
        points.append((hits / number, hits / place))
    best = [
        max([p for recall, p in points if recall >= k / 100], default=0)
        for k in range(101)
    ]
    return np.mean(best)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_it_equals_the_literal_loop(seed):
    truth, found = images(seed)
    if not any(len(image["boxes"]) for image in truth):
        return
    result = dense_captioning_evaluate(truth, found)
    for i, overlap in enumerate((0.3, 0.4, 0.5, 0.6, 0.7)):
        for k, accuracy in enumerate((0.25, 0.5, 0.75, 1.0)):
            assert result.average_precision[i, k] == pytest.approx(
                literal(truth, found, overlap, accuracy)
            )
    assert result.scores["AP"] == pytest.approx(result.average_precision.mean())
    # Higher thresholds never raise it.
    assert (np.diff(result.average_precision, axis=0) <= 1e-12).all()
    assert (np.diff(result.average_precision, axis=1) <= 1e-12).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_the_truth_itself_is_perfect(seed):
    truth, _ = images(seed)
    if not any(len(image["boxes"]) for image in truth):
        return
    # Objects in one place would have one detection.
    for image in truth:
        image["boxes"] += np.arange(len(image["boxes"]))[:, None] * 100
    found = [{**t, "scores": np.ones(len(t["boxes"]))} for t in truth]
    scores = dense_captioning_evaluate(truth, found).scores
    assert set(scores.values()) == {1.0}


def test_places_alone_are_judged_as_in_pascal_voc():
    truth = [{"boxes": np.eye(4)[:0], "classes": [], "phrases": []}]
    truth += [
        {
            "boxes": np.float64([[0, 0, 10, 10], [20, 0, 30, 10]]),
            "classes": [0, 0],
            "phrases": [[2], [3]],
        }
    ]
    boxes = [[0, 0, 10, 9], [0, 0, 10, 10], [20, 0, 30, 6], [40, 0, 50, 9]]
    found = [
        {"boxes": [], "classes": [], "scores": [], "phrases": []},
        {
            "boxes": np.float64(boxes),
            "classes": [0] * 4,
            "scores": [0.9, 0.8, 0.7, 0.6],
            "phrases": [[2]] * 4,
        },
    ]
    result = dense_captioning_evaluate(truth, found, iou_thresholds=[0.5])
    # Right, wrong, right: 1 up to a recall of 0.5, then 2/3.
    expected = (51 + 50 * 2 / 3) / 101
    assert result.scores["AP_boxes"] == pytest.approx(expected)
    area = voc_average_precision(truth, found).score
    assert area == pytest.approx((1 + 2 / 3) / 2)
    assert result.scores["token_accuracy"] == 0.5
    assert result.scores["phrase_accuracy"] == 0.5
    assert result.average_precision[0] == pytest.approx(51 / 101)


def test_padding_and_objects_without_a_phrase_do_not_count():
    boxes = np.float64([[0, 0, 9, 9], [20, 0, 29, 9], [40, 0, 49, 9]])
    truth = {
        "boxes": boxes,
        "classes": [0, 0, -1],
        "phrases": [[2, 3], [0, 0], [2, 2]],
    }
    found = {
        "boxes": boxes[[0, 1, 2]],
        "classes": [4, 4, -1],
        "scores": [0.5, 0.9, 0.0],
        "phrases": [[2, 3, 0], [2, 0, 0], [0, 0, 0]],
    }
    assert dense_captioning_evaluate([truth], [found]).scores["AP"] == 1
    truth["difficult"] = [1, 0, 0]
    scores = dense_captioning_evaluate([truth], [found]).scores
    assert np.isnan(list(scores.values())).all()


def test_token_accuracy():
    assert token_accuracy([2, 3, 4, 0], [2, 3, 4]) == 1
    assert token_accuracy([2, 3, 4, 5], [2, 4, 3, 5, 6]) == 0.4
    assert token_accuracy([2, 3], [0, 3]) == 0
    assert token_accuracy([0, 2], [-1]) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phrases": [[2.5, 0.0]]}, "Image 0: in the detections.*integers"),
        ({"phrases": [2]}, "Image 0: in the detections.*'phrases'"),
        ({"scores": [np.nan]}, "score is nan"),
        ({"boxes": [[9, 0, 0, 9]]}, "inverted"),
        ({"phrases": None}, "missing"),
    ],
)
def test_what_makes_no_sense(change, message):
    truth = {"boxes": [[0, 0, 9, 9]], "classes": [0], "phrases": [[2, 3]]}
    found = {**truth, "scores": [0.5], **change}
    with pytest.raises(ValueError, match=message):
        dense_captioning_evaluate([truth], [found])


@pytest.mark.parametrize("name", ["crowds", "is_difficult"])
def test_a_slip_of_an_optional_name_is_told(name):
    truth = {"boxes": [[0, 0, 9, 9]], "classes": [0], "phrases": [[2, 3]]}
    found = {**truth, "scores": [0.5]}
    assert dense_captioning_evaluate([{**truth, "file": "a"}], [found])
    with pytest.raises(ValueError, match=f"Image 0: .*'{name}'.*Did you"):
        dense_captioning_evaluate([truth | {name: [0]}], [found])


def test_wrong_thresholds():
    for name in ("iou_thresholds", "accuracy_thresholds"):
        for value in (0.5, [], [1.5]):
            with pytest.raises(ValueError, match=name):
                dense_captioning_evaluate([{}], [{}], **{name: value})
    with pytest.raises(ValueError, match="same images"):
        dense_captioning_evaluate([], [])
