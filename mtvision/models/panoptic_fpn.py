"""Panoptic FPN: Mask R-CNN for things, and a class for each pixel."""

import keras

from mtvision.models.assembly import require_new_tasks, task_output
from mtvision.models.faster_rcnn import detect_regions, maps_of, symbolic_image
from mtvision.models.mask_rcnn import MaskRCNN, mask_rcnn_losses
from mtvision.models.region_maps import add_maps
from mtvision.ops.option_checks import require_count
from mtvision.ops.panoptic_merging import require_things
from mtvision.tasks import (
    DecodePanoptic,
    RegionMasksHead,
    SegmentationHead,
    SegmentationLoss,
)
from mtvision.training import MultiTaskModel

# Of the paper, on COCO.
SEMANTIC_WEIGHT = 0.5


def PanopticFPN(
    num_things, num_classes, *, semantic=None, name="panoptic_fpn", **options
):
    """Panoptic FPN: the outputs of `MaskRCNN`, and `semantic`.

    Things are what can be counted; stuff is sky, grass and the like. The
    things have numbers of their own, from 0, in the truth of objects; in the
    maps of classes all classes are numbered together, as
    `mtvision.data.CocoPanoptic` does.

    Args:
        num_things: Number of classes of things.
        num_classes: C, of all classes.
        semantic: Dict of further arguments of `SegmentationHead`, or `None`.
        name: Name of the model.
        **options: Further arguments of `MaskRCNN`.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If there are more things than classes.

    Example:

    >>> model = PanopticFPN(
    ...     3, 5, image_size=64, filters=8, units=16, masks={"filters": 8},
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)))
    >>> list(model.output)[-2:], tuple(model.output["semantic"].shape)
    (['masks', 'semantic'], (None, 64, 64, 5))
    >>> model.compile("adam", **panoptic_fpn_losses())

    Reference:
        Kirillov et al., Panoptic Feature Pyramid Networks, 2019. There, the
        maps of classes have one class for all things.
    """
    require_count(num_things, 1, "num_things")
    require_count(num_classes, num_things, "num_classes")
    base = MaskRCNN(num_things, name=name, **options)
    levels = base.get_layer("pooled").levels
    pyramid = {k: x for k, x in maps_of(base).items() if k in levels}
    semantic = {"filters": 128, **(semantic or {})}
    head = SegmentationHead(num_classes, name="semantic", **semantic)
    require_new_tasks({"semantic": head}, base.output)
    outputs = {**base.output, "semantic": head(pyramid, symbolic_image(base))}
    return MultiTaskModel(base.input, outputs, name=name)


def panoptic_fpn_losses(
    *, semantic=None, losses=None, loss_weights=None, **options
):
    """Losses of `PanopticFPN`, to be splatted into `compile`.

    Args:
        semantic: Dict of arguments of `SegmentationLoss`, or `None`.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task; where it says nothing else,
            0.5 for `semantic`, and 1.
        **options: Further arguments of `mask_rcnn_losses`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> arguments = panoptic_fpn_losses()
    >>> list(arguments["loss"])[-2:], arguments["loss_weights"]["semantic"]
    (['masks', 'semantic'], 0.5)
    """
    own = {"semantic": SegmentationLoss(**semantic or {})}
    losses = {**own, **(losses or {})}
    is_trained = losses["semantic"] is not None
    weights = {"semantic": SEMANTIC_WEIGHT} if is_trained else {}
    return mask_rcnn_losses(
        losses=losses,
        loss_weights={**weights, **(loss_weights or {})},
        **options,
    )


def panoptic_fpn_detector(
    model,
    *,
    things=None,
    num_regions=None,
    max_detections=100,
    masks=None,
    keypoints=None,
    merging=None,
    **options,
):
    """A model from images to maps of segments.

    Args:
        model: A trained `PanopticFPN`.
        things: Numbers, among all classes, of the things in their order:
            `thing_classes` of `mtvision.data.CocoPanoptic`. By default the
            first classes.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        masks: Dict of arguments of `DecodeRegionMasks`, or `None`.
        keypoints: Dict of arguments of `DecodeRegionKeypoints`, or `None`.
        merging: Dict of further arguments of `DecodePanoptic`, or `None`. Its
            `min_stuff_area` is that of COCO's images; less suits small ones.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"`, to the dict of
        `"panoptic"` (B, H, W), of all classes as in `docs/samples.md`, -1
        for none; `"segments"` (B, D + C), see `DecodePanoptic`; and what
        `mask_rcnn_detector` gives.

    Raises:
        ValueError: If the model has no such outputs, `things` are not as many
            as its classes of things, or they are no numbers of classes.

    Example:

    >>> model = PanopticFPN(
    ...     3, 5, image_size=64, filters=8, units=16, masks={"filters": 8},
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)))
    >>> segmenter = panoptic_fpn_detector(model, max_detections=9)
    >>> tuple(segmenter.output["panoptic"].shape)
    (None, 64, 64)
    """
    logits = task_output(model, "semantic", SegmentationHead)
    task_output(model, "masks", RegionMasksHead)
    number = model.get_layer("masks").num_classes
    things = range(number) if things is None else [int(k) for k in things]
    if len(things) != number:
        raise ValueError(
            f"Expected things as the numbers of {number} classes, which the "
            f"masks of {model.name!r} have, received {len(things)}: {things}."
        )
    require_things(things, logits.shape[-1])
    if "things" in (merging or {}):
        raise ValueError(
            "Expected merging as further arguments of DecodePanoptic, received "
            f"things={merging['things']!r} in it. Give things as an argument "
            "of its own: panoptic_fpn_detector(model, things=...)."
        )
    image, pyramid, found = detect_regions(
        model,
        num_regions=num_regions,
        max_detections=max_detections,
        **options,
    )
    found = add_maps(
        model, pyramid, found, image, masks=masks, keypoints=keypoints
    )
    found = DecodePanoptic(things, **merging or {})(found, logits)
    return keras.Model(image, found, name=f"{model.name}_detector")
