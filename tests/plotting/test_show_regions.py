"""What detectors of masks, key points and segments give is drawn."""

import numpy as np
import pytest

import mtvision as mtv

SIZE = 16
OBJECTS = {"boxes": "boxes", "classes": "classes"}
FIELDS = {
    "classes": OBJECTS,
    "masks": {**OBJECTS, "masks": "masks"},
    "keypoints": {**OBJECTS, "keypoints": "keypoints"},
}


def truth():
    """One object in one image, and a row of padding."""
    masks = np.zeros((1, 2, SIZE, SIZE), "uint8")
    masks[0, 0, 2:9, 3:12] = 1
    return {
        "boxes": np.array([[[3.0, 2, 12, 9], [0, 0, 0, 0]]]),
        "classes": np.array([[4, -1]]),
        "masks": masks,
        "keypoints": np.array([[[[5.0, 5, 1]], [[0, 0, 0]]]]),
    }


def detections():
    """The same, found, and what belongs to no picture."""
    panoptic = np.full((1, SIZE, SIZE), 7000)
    panoptic[truth()["masks"][:, 0] > 0] = 4001
    return {
        **truth(),
        "scores": np.array([[0.9, 0.0]]),
        "keypoint_scores": np.array([[[3.0], [0.0]]]),
        "panoptic": panoptic,
        "segments": np.array([[4001, -1, 7000]]),
    }


def batch():
    values = truth()
    by_task = {
        task: {key: values[field] for key, field in reads.items()}
        for task, reads in FIELDS.items()
    }
    return np.full((1, SIZE, SIZE, 3), 90.0), by_task


@pytest.mark.parametrize("fields", [None, FIELDS])
def test_all_that_is_found_is_drawn_once(fields):
    figure = mtv.plotting.show(batch(), detections(), fields=fields)
    titles = [axis.get_title().split("\n")[0] for axis in figure.axes]
    assert titles == ["truth", "predicted", "predicted panoptic"]
    for axis in figure.axes[:2]:
        # The picture and the mask over it; a frame and its rim.
        assert len(axis.images) == 2
        assert len(axis.patches) == 2
    assert [t.get_text() for t in figure.axes[1].texts] == ["4 90 %"]


def test_detections_under_their_task():
    figure = mtv.plotting.show(batch(), {"masks": detections()}, fields=FIELDS)
    assert len(figure.axes) == 3


def test_tasks_that_read_different_masks_are_told():
    fields = {
        "masks": {**OBJECTS, "masks": "masks"},
        "parts": {**OBJECTS, "masks": "part_masks"},
    }
    images, values = batch()
    targets = {"masks": values["masks"], "parts": values["masks"]}
    with pytest.raises(ValueError, match="different boxes"):
        mtv.plotting.show((images, targets), detections(), fields=fields)
