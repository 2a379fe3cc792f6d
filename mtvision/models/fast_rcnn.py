"""Fast R-CNN: the objects of regions that come with the image."""

import keras

from mtvision.layers import MultilevelRoIAlign, RoIPool
from mtvision.models.assembly import (
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.models.region_parts import (
    coarsest_level,
    given_regions,
    pyramid_of,
    region_outputs,
)
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeRegions,
    GivenRegions,
    RegionBoxesHead,
    RegionBoxesLoss,
    RegionClassesHead,
    RegionClassesLoss,
)
from mtvision.trunks import ResNet50


def FastRCNN(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    num_proposals=None,
    levels=("P4",),
    align=None,
    filters=256,
    units=1024,
    dropout=0.0,
    bins=7,
    canonical_size=None,
    name="fast_rcnn",
):
    """Fast R-CNN, with as many more tasks on its maps as wanted.

    Its inputs are a dict of `"image"` and `"proposals"` (B, R, 4), xyxy in
    pixels, zeros in padding: regions that another method proposes, such as
    selective search. With a field of them in the data:
    `Batches(source, targets, inputs={"image": "image", "proposals":
    "proposal_boxes"}, max_objects={"boxes": 20, "proposal_boxes": 300})`.
    Its two losses are two outputs, `classes` and `boxes`, which read the
    same truth.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        heads: Dict from further tasks to layers that are called on the dict
            of maps, or `None`.
        num_proposals: R, or `None` for any number.
        levels: The trunk's levels to use: one, as in the paper, or several,
            joined by a `FeaturePyramid`. Layers of the trunk behind the
            coarsest, P5 of `ResNet50`, are not trained, and Keras warns of
            it.
        align: Whether regions are pooled by `MultilevelRoIAlign`; `False`
            for `RoIPool`, which takes one level. `None` as the papers:
            `RoIPool` of one level.
        filters: Channels of the pyramid.
        units: Outputs of each of the two dense layers.
        dropout: Share of them that is dropped in training; 0.5 in the paper.
        bins: Cells along each side of a pooled region.
        canonical_size: Side in pixels of a region that is pooled from P4, by
            default 224; with small images, less. Not of `RoIPool`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level; if the trunk lacks a level; if `RoIPool` is to take several
            levels or a `canonical_size`.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FastRCNN(3, image_size=64, trunk=trunk, num_proposals=20,
    ...                  levels=("P3",), units=16)
    >>> {task: tuple(x.shape[1:]) for task, x in model.output.items()}
    {'classes': (20, 8), 'boxes': (20, 16)}
    >>> model.compile("adam", **fast_rcnn_losses())

    Reference:
        Girshick, Fast R-CNN, 2015; on a pyramid: Lin et al., Feature Pyramid
        Networks for Object Detection, 2017.
    """
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    coarsest = coarsest_level(levels, trunk)
    inputs, regions = given_regions(image_size, num_proposals, coarsest)
    pyramid = pyramid_of(trunk(inputs["image"]), levels, filters)
    pooled = _pool(pyramid, regions, levels, align, bins, canonical_size)
    outputs = region_outputs(
        pooled, regions, num_classes, units=units, dropout=dropout
    )
    return model_of(inputs, pyramid, outputs, heads, name)


def fast_rcnn_losses(
    *, losses=None, loss_weights=None, regions=None, boxes=None
):
    """Losses of `FastRCNN`, to be splatted into `compile`.

    A region shows an object from an IoU of 0.5 on; below 0.5 it is
    background. Bands with regions that are neither, in between:
    `regions={"assigner": AnchorAssigner(high=0.5, low=0.3,
    allow_low_quality=False)}`.

    Args:
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        regions: Dict of arguments of both `RegionClassesLoss` and
            `RegionBoxesLoss`, or `None`. The paper's `num_samples` is 64.
        boxes: Dict of further arguments of `RegionBoxesLoss`, or `None`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> list(fast_rcnn_losses()["loss"])
    ['classes', 'boxes']
    """
    regions, boxes = regions or {}, boxes or {}
    own = {
        "classes": RegionClassesLoss(**regions),
        "boxes": RegionBoxesLoss(**regions, **boxes),
    }
    return with_losses(own, {}, losses, loss_weights)


def fast_rcnn_detector(model, *, max_detections=100, **options):
    """A model from images and proposals to lists of detections.

    Args:
        model: A trained `FastRCNN`.
        max_detections: D.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from the dict of `"image"` and `"proposals"` to the
        dict of `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such outputs, or proposes its regions
            itself.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FastRCNN(3, image_size=64, trunk=trunk, num_proposals=20,
    ...                  levels=("P3",), units=16)
    >>> detector = fast_rcnn_detector(model, max_detections=10)
    >>> tuple(detector.output["boxes"].shape)
    (None, 10, 4)
    """
    rows = [
        task_output(model, task, head)
        for task, head in (
            ("classes", RegionClassesHead),
            ("boxes", RegionBoxesHead),
        )
    ]
    if not isinstance(model.get_layer("regions"), GivenRegions):
        raise ValueError(
            f"Expected a model of FastRCNN, but {model.name!r} proposes its "
            "regions itself. For that take `faster_rcnn_detector`."
        )
    decode = DecodeRegions(max_detections=max_detections, **options)
    found = decode(rows, model.input["image"])
    return keras.Model(model.input, found, name=f"{model.name}_detector")


def _pool(pyramid, regions, levels, align, bins, canonical_size):
    _require_pooling(levels, align, canonical_size)
    if align or len(levels) > 1:
        size = 224 if canonical_size is None else canonical_size
        return MultilevelRoIAlign(
            bins, canonical_size=size, levels=levels, name="pooled"
        )(pyramid, regions)
    scale = 1 / level_stride(levels[0])
    pool = RoIPool(bins, spatial_scale=scale, name="pooled")
    return pool(pyramid[levels[0]], regions)


def _require_pooling(levels, align, canonical_size):
    """Raises unless one of the two layers can pool as it is told."""
    if align is not None and not isinstance(align, bool):
        raise ValueError(
            f"Expected align as True, False or None, received {align!r}."
        )
    if align is False and len(levels) > 1:
        raise ValueError(
            f"RoIPool takes one level, received {tuple(levels)}. Give one, or "
            "align=True."
        )
    if not align and len(levels) == 1 and canonical_size is not None:
        raise ValueError(
            "RoIPool takes no canonical_size, received "
            f"canonical_size={canonical_size!r}. Leave it out, or give "
            "align=True."
        )
