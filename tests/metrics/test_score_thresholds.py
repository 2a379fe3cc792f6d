import numpy as np
import pytest

from batteries import coco_images
from mtvision.metrics import score_threshold_table

TRUTH = [
    {"boxes": [[0, 0, 9, 9], [20, 0, 29, 9]], "classes": [0, 1]},
    {"boxes": [[0, 0, 9, 9]], "classes": [0]},
]
FOUND = [
    {
        "boxes": [[0, 0, 9, 8], [20, 0, 29, 9], [50, 50, 60, 60]],
        "classes": [0, 0, 1],
        "scores": [0.9, 0.6, 0.3],
    },
    {"boxes": [[0, 0, 9, 9]], "classes": [0], "scores": [0.5]},
]


def test_by_hand():
    table = score_threshold_table(
        TRUTH, FOUND, thresholds=[0.1, 0.5, 0.6, 0.7, 0.95]
    )
    assert table["right"].tolist() == [2, 2, 1, 1, 0]
    assert table["wrong"].tolist() == [2, 1, 1, 0, 0]
    assert table["missed"].tolist() == [1, 1, 2, 2, 3]
    np.testing.assert_allclose(table["precision"], [0.5, 2 / 3, 0.5, 1, 1])
    np.testing.assert_allclose(table["recall"], np.array([2, 2, 1, 1, 0]) / 3)
    np.testing.assert_allclose(table["f1"], [4 / 7, 4 / 6, 2 / 5, 0.5, 0])


def test_one_class():
    table = score_threshold_table(
        TRUTH, FOUND, thresholds=[0.1], class_number=0
    )
    assert [int(table[k][0]) for k in ("right", "wrong", "missed")] == [2, 1, 0]
    with pytest.raises(ValueError, match="from 0 to 1, received 2"):
        score_threshold_table(TRUTH, FOUND, class_number=2)


def test_classes_add_up():
    data = coco_images.truth(), coco_images.detections("boxes")
    whole = score_threshold_table(*data)
    parts = [score_threshold_table(*data, class_number=k) for k in range(3)]
    for name in ("right", "wrong", "missed"):
        total = sum(part[name] for part in parts)
        np.testing.assert_array_equal(total, whole[name])
    assert len(whole["threshold"]) == 19
    assert (np.diff(whole["recall"]) <= 0).all()


def test_without_an_object():
    truth = [{"boxes": [], "classes": []}]
    found = [{"boxes": [], "classes": [], "scores": []}]
    table = score_threshold_table(truth, found, thresholds=[0.5])
    assert table["precision"].tolist() == [1]
    assert np.isnan(table["recall"]).all()
    assert np.isnan(table["f1"]).all()
