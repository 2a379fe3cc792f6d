"""Anchors, default boxes and what is assigned to them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.configs import check_config
from batteries.properties import cases
from mtvision.ops.boxes import box_iou
from mtvision.ops.truth_objects import read_objects
from mtvision.tasks.detection import AnchorAssigner, DefaultBoxes, GridAnchors

# torchvision 0.28, AnchorGenerator and DefaultBoxGenerator.
FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS = np.load(FOLDER / "anchors.npz")
LEVELS = ("P3", "P4", "P5", "P6", "P7", "P8")
SSD_300 = {
    "scales": (0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05),
    "steps": (8, 16, 32, 64, 100, 300),
}


def maps(case, number):
    sizes = VECTORS[f"{case}/feat_hw"][:number].tolist()
    return dict(zip(LEVELS, map(tuple, sizes)))


def test_anchors_of_torchvision():
    """Up to P6: torchvision's P7 has a stride of 106 in 320 pixels."""
    shapes = maps("retinanet_800x1024", 4)
    anchors = to_numpy(GridAnchors(offset=0.0)(shapes))
    expected = VECTORS["retinanet_800x1024/anchors"][: len(anchors)]
    np.testing.assert_array_equal(anchors, expected)
    assert len(anchors) == 9 * sum(h * w for h, w in shapes.values())


def test_default_boxes_of_torchvision():
    boxes = to_numpy(DefaultBoxes(**SSD_300)(maps("ssd300", 6), (300, 300)))
    np.testing.assert_allclose(
        boxes, VECTORS["ssd300/anchors"], rtol=1e-5, atol=1e-4
    )


def test_sizes_given_by_hand():
    by_hand = GridAnchors(
        sizes=[[32, 40, 50], [64, 80, 101], [128, 161, 203], [256, 322, 406]]
    )
    shapes = maps("retinanet_800x1024", 4)
    ours = to_numpy(GridAnchors()(shapes))
    np.testing.assert_array_equal(to_numpy(by_hand(shapes)), ours)


def test_configs():
    arguments = {
        "cells": 3.0,
        "scales": (1.0, 1.5),
        "aspect_ratios": (1.0,),
        "sizes": [(8.0, 9.0)],
        "offset": 0.0,
    }
    check_config(GridAnchors, arguments)
    arguments = {
        "aspect_ratios": [(2,), (3,)],
        "scales": (0.1, 0.5, 1.0),
        "steps": (8, 16),
        "clip": False,
    }
    check_config(DefaultBoxes, arguments)
    arguments = {
        "high": 0.7,
        "low": 0.3,
        "allow_low_quality": False,
        "claim_best": True,
        "ignore_overlap": 0.25,
    }
    check_config(AnchorAssigner, arguments)


def test_there_is_something_for_every_level():
    with pytest.raises(ValueError, match="each of the levels"):
        GridAnchors(sizes=[[8]]).per_cell(["P3", "P4"])
    with pytest.raises(ValueError, match="levels"):
        GridAnchors().per_cell([])
    with pytest.raises(ValueError, match="2 levels"):
        DefaultBoxes().per_cell(["P3", "P4"])
    with pytest.raises(ValueError, match="one scale more"):
        DefaultBoxes(aspect_ratios=[[2]], scales=[0.1])
    with pytest.raises(ValueError, match="sizes"):
        GridAnchors(scales=[])
    with pytest.raises(ValueError, match="low"):
        AnchorAssigner(low=0.6)


def random_boxes(random, *shape):
    first = random.uniform(0, 40, (*shape, 2))
    sides = random.uniform(4, 30, (*shape, 2))
    return np.concatenate([first, first + sides], -1).astype("float32")


def assign(assigner, boxes, anchors, **fields):
    truth = {"boxes": boxes, "classes": np.zeros(boxes.shape[:2], int)}
    return to_numpy(assigner(read_objects({**truth, **fields}), anchors))


@cases(25)
@given(seed=st.integers(0, 999))
def test_every_object_claims_its_best_anchor(seed):
    random = np.random.default_rng(seed)
    boxes, anchors = random_boxes(random, 2, 4), random_boxes(random, 20)
    match = assign(AnchorAssigner(low=0.5, claim_best=True), boxes, anchors)
    iou = to_numpy(box_iou(boxes, anchors))
    for b in range(2):
        claims = {}
        for row in range(4):
            if iou[b, row].max() > 0:
                claims[iou[b, row].argmax()] = row
        for anchor, row in claims.items():
            assert match[b, anchor] == row


@cases(25)
@given(seed=st.integers(0, 999))
def test_bands(seed):
    random = np.random.default_rng(seed)
    boxes, anchors = random_boxes(random, 2, 4), random_boxes(random, 20)
    assigner = AnchorAssigner(high=0.4, low=0.2, allow_low_quality=False)
    match = assign(assigner, boxes, anchors)
    best = to_numpy(box_iou(boxes, anchors)).max(1)
    np.testing.assert_array_equal(match >= 0, best >= 0.4)
    np.testing.assert_array_equal(match == -1, best < 0.2)


def test_what_lies_in_a_crowd_is_neither():
    boxes = np.array([[[0, 0, 10, 10], [20, 20, 60, 60]]], "float32")
    anchors = np.array(
        [[0, 0, 10, 10], [30, 30, 36, 36], [56, 30, 66, 36], [53, 30, 63, 36]],
        "float32",
    )
    crowd = np.array([[0, 1]])
    match = assign(AnchorAssigner(), boxes, anchors, crowd=crowd)
    assert match.tolist() == [[0, -2, -1, -2]]
    match = assign(AnchorAssigner(), boxes, anchors, difficult=crowd)
    assert match.tolist() == [[0, -2, -1, -2]]
    # A crowd does not take an anchor from an object.
    boxes[0, 1] = [0, 0, 60, 60]
    match = assign(AnchorAssigner(), boxes, anchors, crowd=crowd)
    assert match.tolist() == [[0, -2, -1, -2]]
