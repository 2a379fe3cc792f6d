"""Mask R-CNN: Faster R-CNN that also draws its objects."""

import keras

from mtvision.models.assembly import task_output
from mtvision.models.faster_rcnn import (
    FasterRCNN,
    detect_regions,
    faster_rcnn_losses,
)
from mtvision.models.region_maps import add_maps, with_region_maps
from mtvision.tasks import (
    RegionKeypointsHead,
    RegionKeypointsLoss,
    RegionMasksHead,
    RegionMasksLoss,
)


def MaskRCNN(
    num_classes,
    *,
    num_keypoints=None,
    num_mask_regions=32,
    mask_bins=14,
    masks=None,
    keypoints=None,
    name="mask_rcnn",
    **options,
):
    """Mask R-CNN, with key points as well if wanted.

    Its losses are five outputs, or six: those of `FasterRCNN`, `masks` and
    `keypoints`. All read the same truth of objects.

    Args:
        num_classes: C.
        num_keypoints: K, or `None` for no key points.
        num_mask_regions: Regions on which masks and key points train, besides
            all `proposals`: the best by objectness. In torchvision it is the
            positives that were sampled, at most 128.
        mask_bins: Cells along each side of a region that is pooled for them.
            The maps have twice as many for masks, four times as many for key
            points.
        masks: Dict of further arguments of `RegionMasksHead`, or `None`.
        keypoints: Dict of further arguments of `RegionKeypointsHead`, or
            `None`.
        name: Name of the model.
        **options: Further arguments of `FasterRCNN`. With `num_proposals`
            boxes of the truth can join, from which masks are learned from the
            first step on.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If an option is out of range, or there are options of key
            points, but no key points.

    Example:

    >>> model = MaskRCNN(
    ...     3, num_keypoints=5, image_size=64, filters=8, units=16,
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     masks={"filters": 8}, keypoints={"filters": 8, "depth": 2})
    >>> for task in ("masks", "keypoints"):
    ...     print(tuple(model.output[task].shape))
    (None, 32, 29, 28, 3)
    (None, 32, 57, 56, 5)
    >>> model.compile("adam", **mask_rcnn_losses(num_keypoints=5))

    Reference:
        He et al., Mask R-CNN, 2017. There, masks and key points train on the
        regions that show an object, at most a quarter of those sampled.
    """
    _require_keypoints(num_keypoints, keypoints)
    base = FasterRCNN(num_classes, name=name, **options)
    heads = {"masks": RegionMasksHead(num_classes, name="masks", **masks or {})}
    if num_keypoints is not None:
        heads["keypoints"] = RegionKeypointsHead(
            num_keypoints, name="keypoints", **keypoints or {}
        )
    return with_region_maps(
        base, heads, num_regions=num_mask_regions, bins=mask_bins
    )


def mask_rcnn_losses(
    *, num_keypoints=None, masks=None, keypoints=None, losses=None, **options
):
    """Losses of `MaskRCNN`, to be splatted into `compile`.

    Args:
        num_keypoints: K as for the model, `None` for no key points.
        masks: Dict of arguments of `RegionMasksLoss`, or `None`.
        keypoints: Dict of arguments of `RegionKeypointsLoss`, or `None`.
        losses: Dict of the losses of further tasks, or `None`.
        **options: Further arguments of `faster_rcnn_losses`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Raises:
        ValueError: If there are options of key points, but no key points.

    Example:

    >>> list(mask_rcnn_losses()["loss"])
    ['rpn_objectness', 'rpn_boxes', 'classes', 'boxes', 'masks']
    """
    _require_keypoints(num_keypoints, keypoints)
    own = {"masks": RegionMasksLoss(**masks or {})}
    if num_keypoints is not None:
        own["keypoints"] = RegionKeypointsLoss(**keypoints or {})
    return faster_rcnn_losses(losses={**own, **(losses or {})}, **options)


def mask_rcnn_detector(
    model,
    *,
    num_regions=None,
    max_detections=100,
    masks=None,
    keypoints=None,
    **options,
):
    """A model from images to lists of detections with masks.

    Masks and key points are those of the boxes that were found, pooled anew.

    Args:
        model: A trained `MaskRCNN`.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        masks: Dict of arguments of `DecodeRegionMasks`, or `None`.
        keypoints: Dict of arguments of `DecodeRegionKeypoints`, or `None`.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"`, to the dict of
        `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D), `"masks"`
        (B, D, H, W) and, if the model has key points, `"keypoints"`
        (B, D, K, 3) and `"keypoint_scores"` (B, D, K).

    Raises:
        ValueError: If the model has no such outputs, or there are options of
            key points, but the model has none.

    Example:

    >>> model = MaskRCNN(
    ...     3, num_keypoints=5, image_size=64, filters=8, units=16,
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     masks={"filters": 8}, keypoints={"filters": 8, "depth": 2})
    >>> found = mask_rcnn_detector(model, max_detections=9).output
    >>> tuple(found["masks"].shape), tuple(found["keypoints"].shape)
    ((None, 9, 64, 64), (None, 9, 5, 3))
    """
    task_output(model, "masks", RegionMasksHead)
    image, pyramid, found = detect_regions(
        model,
        num_regions=num_regions,
        max_detections=max_detections,
        **options,
    )
    found = add_maps(
        model, pyramid, found, image, masks=masks, keypoints=keypoints
    )
    return keras.Model(image, found, name=f"{model.name}_detector")


def _require_keypoints(num_keypoints, keypoints):
    if num_keypoints is None and keypoints:
        raise ValueError(
            f"Received keypoints={keypoints!r}, but no num_keypoints. Expected "
            "options of key points only where there are some: give "
            "num_keypoints, or leave the options out."
        )
