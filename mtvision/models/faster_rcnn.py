"""Faster R-CNN: proposals of regions, and a second look at each."""

import keras

from mtvision.layers import MultilevelRoIAlign
from mtvision.models.assembly import (
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.models.region_parts import (
    propose,
    propose_again,
    pyramid_of,
    region_inputs,
    region_outputs,
    symbolic_image,
)
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeRegions,
    ProposalBoxesHead,
    ProposalBoxesLoss,
    ProposalObjectnessHead,
    ProposalObjectnessLoss,
    RegionBoxesHead,
    RegionBoxesLoss,
    RegionClassesHead,
    RegionClassesLoss,
)
from mtvision.trunks import ResNet50

HEADS = {
    "rpn_objectness": ProposalObjectnessHead,
    "rpn_boxes": ProposalBoxesHead,
    "classes": RegionClassesHead,
    "boxes": RegionBoxesHead,
}


def FasterRCNN(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    num_regions=128,
    num_proposals=0,
    num_candidates=1000,
    levels=("P2", "P3", "P4", "P5"),
    extra_levels=1,
    filters=256,
    units=1024,
    bins=7,
    canonical_size=224,
    anchors=None,
    name="faster_rcnn",
):
    """Faster R-CNN, with as many more tasks on its pyramid as wanted.

    Its four losses are four outputs, with weights of their own:
    `rpn_objectness`, `rpn_boxes`, `classes` and `boxes`. All read the same
    truth. With one level there is no pyramid, as in the first paper.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        num_regions: R, regions that are proposed for each image.
        num_proposals: P, boxes that join them while training: 0 for none.
            If there are, the model takes a dict of `"image"` and
            `"proposals"` (B, P, 4), xyxy in pixels, zeros in padding: the
            boxes of the truth, as in the papers, or those of another method.
        num_candidates: Anchors of a level that enter the suppression.
        levels: The trunk's levels to use, from which regions are pooled.
        extra_levels: Number of further levels, for large proposals only;
            none if there is one level.
        filters: Channels of the pyramid and of the proposals' convolution.
        units: Outputs of each of the two dense layers.
        bins: Cells along each side of a pooled region.
        canonical_size: Side in pixels of a region that is pooled from P4;
            with small images, less than 224.
        anchors: `GridAnchors`, by default three a cell, of 8 cells; nine, of
            8, 16 and 32 cells, if there is one level.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level, 64 pixels for P6, or the trunk lacks a level.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FasterRCNN(3, image_size=64, trunk=trunk, filters=8, units=16,
    ...                    num_regions=20)
    >>> {task: tuple(x.shape[1:]) for task, x in model.output.items()}
    {'rpn_objectness': (1023, 5), 'rpn_boxes': (1023, 8), \
'classes': (20, 8), 'boxes': (20, 16)}
    >>> model.compile("adam", **faster_rcnn_losses())

    Reference:
        Ren et al., Faster R-CNN, 2015; on a pyramid: Lin et al., Feature
        Pyramid Networks for Object Detection, 2017.
    """
    extra_levels = extra_levels if len(levels) > 1 else 0
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    inputs = region_inputs(
        image_size, num_proposals, levels, extra_levels, trunk
    )
    pyramid = pyramid_of(
        trunk(inputs["image"]), levels, filters, extra_levels=extra_levels
    )
    outputs, regions = propose(
        inputs,
        pyramid,
        filters=filters,
        anchors=anchors,
        num_regions=num_regions,
        num_candidates=num_candidates,
    )
    pool = MultilevelRoIAlign(
        bins, canonical_size=canonical_size, levels=levels, name="pooled"
    )
    outputs |= region_outputs(
        pool(pyramid, regions), regions, num_classes, units=units
    )
    if not num_proposals:
        inputs = inputs["image"]
    return model_of(inputs, pyramid, outputs, heads, name)


def faster_rcnn_losses(
    *,
    losses=None,
    loss_weights=None,
    proposals=None,
    regions=None,
    boxes=None,
):
    """Losses of `FasterRCNN`, to be splatted into `compile`.

    Args:
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        proposals: Dict of arguments of both `ProposalObjectnessLoss` and
            `ProposalBoxesLoss`, or `None`.
        regions: Dict of arguments of both `RegionClassesLoss` and
            `RegionBoxesLoss`, or `None`.
        boxes: Dict of further arguments of `RegionBoxesLoss`, or `None`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> list(faster_rcnn_losses()["loss"])
    ['rpn_objectness', 'rpn_boxes', 'classes', 'boxes']
    """
    proposals, regions, boxes = proposals or {}, regions or {}, boxes or {}
    own = {
        "rpn_objectness": ProposalObjectnessLoss(**proposals),
        "rpn_boxes": ProposalBoxesLoss(**proposals),
        "classes": RegionClassesLoss(**regions),
        "boxes": RegionBoxesLoss(**regions, **boxes),
    }
    return with_losses(own, {}, losses, loss_weights)


def faster_rcnn_detector(
    model, *, num_regions=None, max_detections=100, **options
):
    """A model from images to lists of detections.

    Args:
        model: A trained `FasterRCNN`.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"`, to the dict of
        `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FasterRCNN(3, image_size=64, trunk=trunk, filters=8, units=16,
    ...                    num_regions=20)
    >>> detector = faster_rcnn_detector(model, max_detections=10)
    >>> tuple(detector.output["boxes"].shape)
    (None, 10, 4)
    """
    image, _, found = detect_regions(
        model,
        num_regions=num_regions,
        max_detections=max_detections,
        **options,
    )
    return keras.Model(image, found, name=f"{model.name}_detector")


def detect_regions(model, *, num_regions=None, **options):
    """The graph from the image to the detections of regions.

    What follows on the detections, masks for example, can be built on it.

    Args:
        model: A trained `FasterRCNN`, or one that was built on it.
        num_regions: R, or `None` for as many as in training.
        **options: Arguments of `DecodeRegions`.

    Returns:
        `(image, pyramid, found)`: the symbolic image, the dict of maps, and
        the dict of detections.

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FasterRCNN(3, image_size=64, trunk=trunk, filters=8, units=16)
    >>> image, pyramid, found = detect_regions(model, max_detections=9)
    >>> sorted(pyramid), tuple(found["boxes"].shape)
    (['P2', 'P3', 'P4', 'P5', 'P6'], (None, 9, 4))
    """
    for task, head in HEADS.items():
        task_output(model, task, head)
    maps = maps_of(model, "proposal_maps")
    regions = propose_again(model, maps, num_regions)
    pyramid = maps_of(model)
    pooled = model.get_layer("pooled")(pyramid, regions)
    x = model.get_layer("region_features")(pooled)
    rows = [model.get_layer(k)(x, regions) for k in ("classes", "boxes")]
    image = symbolic_image(model)
    return image, pyramid, DecodeRegions(**options)(rows, image)


def maps_of(model, layer="pyramid"):
    """The maps that a layer of the model gives.

    Args:
        model: A `FasterRCNN`, or one that was built on it.
        layer: `"pyramid"`, from which regions are pooled, or
            `"proposal_maps"`.

    Returns:
        Dict of symbolic maps by level.
    """
    # Keras gives the leaves of the dict alone, in the order of its keys.
    maps = keras.tree.flatten(model.get_layer(layer).output)
    levels = sorted(model.get_layer("pooled").levels, key=level_stride)
    top = level_stride(levels[-1]).bit_length()
    extra = [f"P{top + k}" for k in range(len(maps) - len(levels))]
    return dict(zip([*levels, *extra], maps, strict=True))
