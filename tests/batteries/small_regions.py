"""The recipes of regions, small: see `small_recipes`."""

from batteries.small_samples import (
    FOUND,
    LENGTH,
    OBJECTS,
    PROPOSALS,
    SIZE,
    WORDS,
    Small,
    of_objects,
    trunk,
)
from mtvision import models, tasks

ANCHORS = tasks.GridAnchors(cells=2.5, scales=(1.0,))
REGIONS = {
    "image_size": SIZE,
    "levels": ("P3", "P4"),
    "extra_levels": 0,
    "filters": 16,
    "units": 32,
    "bins": 4,
    "num_regions": 16,
    "canonical_size": SIZE,
    "anchors": ANCHORS,
}
MAPS = {"filters": 8, "depth": 1}


def of_regions(model, losses, decoder, num_classes=3):
    """A recipe that proposes regions itself."""
    return Small(
        model,
        losses,
        decoder,
        models.region_targets(model),
        {"proposals": "boxes"},
        {"max_objects": OBJECTS},
        num_classes,
    )


def of_proposals(model, losses, decoder):
    """A recipe whose regions come with the image."""
    rows = {"boxes": OBJECTS, "proposal_boxes": PROPOSALS}
    small = of_objects(model, losses, decoder)
    return small._replace(
        inputs={"proposals": "proposal_boxes"}, options={"max_objects": rows}
    )


def rcnn():
    """R-CNN, without its linear models."""
    options = {"region_size": 16, "context": 2, "level": "P3", "units": 32}
    model = models.RCNN(
        3, image_size=SIZE, trunk=trunk(), num_proposals=PROPOSALS, **options
    )
    decoder = models.rcnn_detector(model, **FOUND)
    return of_proposals(model, models.rcnn_losses(), decoder)


def spp_net():
    """SPP-net, without its linear models."""
    options = {"level": "P2", "bins": (1, 2, 4), "units": 32}
    model = models.SPPNet(
        3, image_size=SIZE, trunk=trunk(), num_proposals=PROPOSALS, **options
    )
    decoder = models.spp_net_detector(model, **FOUND)
    return of_proposals(model, models.spp_net_losses(), decoder)


def fast_rcnn():
    """Fast R-CNN."""
    options = {"levels": ("P3",), "bins": 4, "units": 32}
    model = models.FastRCNN(
        3, image_size=SIZE, trunk=trunk(), num_proposals=PROPOSALS, **options
    )
    decoder = models.fast_rcnn_detector(model, **FOUND)
    return of_proposals(model, models.fast_rcnn_losses(), decoder)


def faster_rcnn():
    """Faster R-CNN on a pyramid."""
    model = models.FasterRCNN(3, trunk=trunk(), **REGIONS)
    decoder = models.faster_rcnn_detector(model, **FOUND)
    return of_regions(model, models.faster_rcnn_losses(), decoder)


def rfcn():
    """R-FCN."""
    model = models.RFCN(
        3,
        image_size=SIZE,
        trunk=trunk(),
        levels=("P3",),
        filters=16,
        score_filters=16,
        bins=3,
        num_regions=16,
        anchors=ANCHORS,
    )
    decoder = models.rfcn_detector(model, **FOUND)
    return of_regions(model, models.rfcn_losses(), decoder)


def mask_rcnn():
    """Mask R-CNN, whose proposals the true boxes join."""
    model = models.MaskRCNN(
        3, trunk=trunk(), masks=MAPS, num_proposals=OBJECTS, **REGIONS
    )
    decoder = models.mask_rcnn_detector(model, **FOUND)
    return of_regions(model, models.mask_rcnn_losses(), decoder)


def keypoint_rcnn():
    """Keypoint R-CNN."""
    model = models.KeypointRCNN(1, 3, trunk=trunk(), keypoints=MAPS, **REGIONS)
    options = {"keypoints": {"max_side": SIZE}, **FOUND}
    decoder = models.keypoint_rcnn_detector(model, **options)
    losses = models.keypoint_rcnn_losses()
    return of_regions(model, losses, decoder, num_classes=1)


def panoptic_fpn():
    """Panoptic FPN."""
    model = models.PanopticFPN(
        2, 5, trunk=trunk(), masks=MAPS, semantic={"filters": 8}, **REGIONS
    )
    merging = {"min_stuff_area": 4, "score_threshold": 0.0}
    decoder = models.panoptic_fpn_detector(model, merging=merging, **FOUND)
    losses = models.panoptic_fpn_losses()
    return of_regions(model, losses, decoder, num_classes=2)


def dense_captioning():
    """DenseCap that reads the true words, phrases by two beams."""
    captions = {"units": 16, "embedding": 8}
    model = models.DenseCaptioning(
        WORDS,
        LENGTH,
        num_proposals=OBJECTS,
        trunk=trunk(),
        captions=captions,
        **REGIONS,
    )
    decoder = models.dense_captioning_detector(model, beams=2, **FOUND)
    losses = models.dense_captioning_losses()
    return of_regions(model, losses, decoder, num_classes=1)
