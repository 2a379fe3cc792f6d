"""How `detectors.py` builds the detectors that look at regions."""

import functools

from detector_settings import OBJECTS, Setting, in_one_phase, make_trunk

import mtvision as mtv
from mtvision import models

# Cells along a region, and the side of one that is pooled from P4.
BINS, CANONICAL_SIZE = 5, 112
REGIONS = 48
# Proposals of an image of 64 pixels, of which selective search has some 80.
PROPOSALS = 96
# Three anchors of 16 pixels a cell of stride 4.
ANCHORS = {"cells": 4.0, "scales": (1.0,)}


def selective_search(size):
    """Selective search in pictures of 128 pixels at least."""
    return functools.partial(
        mtv.data.selective_search, number=PROPOSALS, size=max(size, 128)
    )


def fitted(model, make, train):
    """In one phase; at its end linear models are fitted to some batches."""

    def detector():
        return make(model, [train[k] for k in range(min(len(train), 24))])

    return in_one_phase(model, models.rcnn_losses(), detector)


def rcnn(num_classes, given, train):
    """R-CNN on pictures of 32 pixels."""
    model = models.RCNN(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        region_size=32,
        context=4,
        level="P4",
        units=256,
    )
    return fitted(model, models.rcnn_detector, train)


def spp_net(num_classes, given, train):
    """SPP-net on the map of stride 4."""
    model = models.SPPNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        level="P2",
        units=256,
    )
    return fitted(model, models.spp_net_detector, train)


def fast_rcnn(num_classes, given, train):
    """Fast R-CNN on a pyramid from stride 4 on."""
    model = models.FastRCNN(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P2", "P3", "P4"),
        filters=64,
        units=256,
        bins=BINS,
        canonical_size=CANONICAL_SIZE,
    )
    losses = models.fast_rcnn_losses()
    return in_one_phase(model, losses, models.fast_rcnn_detector(model))


def faster_rcnn(num_classes, given, train):
    """Faster R-CNN on the same pyramid."""
    model = models.FasterRCNN(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P2", "P3", "P4"),
        extra_levels=0,
        filters=64,
        units=256,
        bins=BINS,
        canonical_size=CANONICAL_SIZE,
        num_regions=REGIONS,
        num_candidates=200,
        anchors=mtv.tasks.GridAnchors(**ANCHORS),
    )
    losses = models.faster_rcnn_losses()
    return in_one_phase(model, losses, models.faster_rcnn_detector(model))


def rfcn(num_classes, given, train):
    """R-FCN on that pyramid's map of stride 4."""
    model = models.RFCN(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P2", "P3", "P4"),
        filters=64,
        score_filters=128,
        bins=3,
        align=True,
        num_regions=REGIONS,
        num_candidates=400,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0, 2.0)),
    )
    losses = models.rfcn_losses()
    return in_one_phase(model, losses, models.rfcn_detector(model))


ONE = {"classes": OBJECTS}
TWO = dict.fromkeys(("boxes", "classes"), OBJECTS)
FOUR = {**TWO, **dict.fromkeys(("rpn_objectness", "rpn_boxes"), OBJECTS)}
SETTINGS = {
    "rcnn": Setting(rcnn, ONE, "small", selective_search),
    "spp_net": Setting(spp_net, ONE, "small", selective_search),
    "fast_rcnn": Setting(fast_rcnn, TWO, "small", selective_search),
    "faster_rcnn": Setting(faster_rcnn, FOUR, "small"),
    "rfcn": Setting(rfcn, FOUR, "small"),
}
