import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.window_detection import DecodeWindows, MergeWindows
from mtvision.tasks.window_detection.columns import encode, join

WINDOWS = np.array(
    [[0, 0, 16, 16], [4, 0, 20, 16], [40, 0, 56, 16], [0, 40, 16, 56]],
    "float32",
)
# Two windows show the class 0, the third shows 1, the last nothing.
LOGITS = np.array([[[4, 0, 0], [3, 0, 0], [0, 5, 0], [0, 0, 6]]], "float32")
BOXES = np.array(
    [[[2, 2, 14, 14], [3, 2, 15, 14], [41, 1, 50, 15], [0, 40, 9, 50]]],
    "float32",
)


def class_rows():
    return to_numpy(join(LOGITS, WINDOWS))


def box_rows():
    return to_numpy(join(encode(BOXES, WINDOWS), WINDOWS))


def probability(row):
    return np.exp(LOGITS[0, row]).max() / np.exp(LOGITS[0, row]).sum()


def test_properties_of_windows():
    arguments = {
        "max_detections": 5,
        "score_threshold": 0.2,
        "iou_threshold": 0.4,
        "num_candidates": 8,
    }
    found = check_layer(DecodeWindows, arguments, class_rows())
    assert found["classes"].tolist() == [[1, 0, -1, -1, -1]]
    np.testing.assert_array_equal(found["boxes"][0, :2], WINDOWS[[2, 0]])
    np.testing.assert_allclose(
        found["scores"][0, :2], [probability(2), probability(0)], rtol=1e-5
    )


def test_properties_of_merging():
    arguments = {
        "max_detections": 5,
        "score_threshold": 0.4,
        "merge_threshold": 0.7,
        "num_candidates": 8,
    }
    rows = [class_rows(), box_rows()]
    found = check_layer(MergeWindows, arguments, rows, differentiable=False)
    assert found["classes"].tolist() == [[0, 1, -1, -1, -1]]
    np.testing.assert_allclose(
        found["boxes"][0, :2], [[2.5, 2, 14.5, 14], BOXES[0, 2]], atol=1e-4
    )
    both = probability(0) + probability(1)
    np.testing.assert_allclose(
        found["scores"][0, :2], [both, probability(2)], rtol=1e-5
    )
    assert (found["scores"][0, 2:] == 0).all()


def test_boxes_are_cut_at_the_image():
    image = np.zeros((1, 12, 52, 3), "float32")
    box = to_numpy(DecodeWindows()(class_rows(), image)["boxes"])[0, 0]
    assert box.tolist() == [40, 0, 52, 12]
    rows = [class_rows(), box_rows()]
    box = to_numpy(MergeWindows()(rows, image)["boxes"])[0, 1]
    np.testing.assert_allclose(box, [41, 1, 50, 12], atol=1e-4)


def test_more_detections_than_windows():
    found = to_numpy(MergeWindows()([class_rows(), box_rows()]))
    assert found["boxes"].shape == (1, 100, 4)


def test_missing_rows_are_an_error():
    with pytest.raises(ValueError, match="WindowBoxHead"):
        MergeWindows()([class_rows()])
