"""Objects that become too small are dropped and counted."""

import numpy as np
import pytest

from mtvision import data

NAMES = ("boxes", "classes", "masks")
TARGETS = {"d": {name: name for name in NAMES}}


def sample():
    """A large object, and one of a single pixel that is not sampled."""
    masks = np.zeros((2, 32, 32), "uint8")
    masks[0, 8:24, 8:24] = 1
    masks[1, 1, 1] = 1
    return {
        "image": np.zeros((32, 32, 3), "uint8"),
        "boxes": np.array([[8, 8, 24, 24], [1, 1, 2, 2]], "float32"),
        "classes": np.array([3, 4]),
        "masks": masks,
    }


def batches(steps=None, targets=TARGETS, size=8, **options):
    augment = None if steps is None else data.Augment(steps, **options)
    return data.Batches(
        [sample()],
        targets,
        image_size=size,
        max_objects=3,
        augment=augment,
        on_error="raise",
    )


@pytest.mark.parametrize("steps", [None, [], [data.RandomHSV()]])
def test_objects_that_lose_their_mask_are_dropped_and_counted(steps):
    made = batches(steps)
    for _ in range(2):
        truth = made[0][1]["d"]
    assert truth["classes"].tolist() == [[3, -1, -1]]
    assert (truth["boxes"][0, 1:] == 0).all()
    assert truth["masks"][0].any(axis=(1, 2)).tolist() == [True, False, False]
    assert made.dropped == {"without a pixel of their mask left": 1}


def test_nothing_is_dropped_where_nothing_is_lost():
    for steps in (None, []):
        made = batches(steps, size=32)
        assert made[0][1]["d"]["classes"].tolist() == [[3, 4, -1]]
        assert not made.dropped


def test_boxes_below_the_smallest_side_are_dropped_and_counted():
    targets = {"d": {"boxes": "boxes", "classes": "classes"}}
    made = batches([], targets, min_side=1)
    assert made[0][1]["d"]["classes"].tolist() == [[3, -1, -1]]
    assert made.dropped == {"smaller than min_side": 1}
    kept = batches([], targets)
    assert kept[0][1]["d"]["classes"].tolist() == [[3, 4, -1]]
    assert not kept.dropped
    with pytest.raises(ValueError, match="min_side"):
        data.Augment([], min_side=-1)
