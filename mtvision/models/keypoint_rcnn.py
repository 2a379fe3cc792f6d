"""Keypoint R-CNN: Faster R-CNN that also finds points of its objects."""

import keras

from mtvision.models.assembly import task_output
from mtvision.models.faster_rcnn import (
    FasterRCNN,
    detect_regions,
    faster_rcnn_losses,
)
from mtvision.models.region_maps import add_maps, with_region_maps
from mtvision.tasks import RegionKeypointsHead, RegionKeypointsLoss


def KeypointRCNN(
    num_classes,
    num_keypoints,
    *,
    num_keypoint_regions=32,
    keypoint_bins=14,
    keypoints=None,
    name="keypoint_rcnn",
    **options,
):
    """Keypoint R-CNN: five outputs, those of `FasterRCNN` and `keypoints`.

    For masks as well take `MaskRCNN(num_classes, num_keypoints=K)`.

    Args:
        num_classes: C, 1 for persons.
        num_keypoints: K.
        num_keypoint_regions: Regions on which key points train, besides all
            `proposals`: the best by objectness.
        keypoint_bins: Cells along each side of a region that is pooled for
            them; their maps have four times as many.
        keypoints: Dict of further arguments of `RegionKeypointsHead`, or
            `None`.
        name: Name of the model.
        **options: Further arguments of `FasterRCNN`.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> model = KeypointRCNN(
    ...     1, 17, image_size=64, filters=8, units=16,
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     keypoints={"filters": 8, "depth": 2})
    >>> tuple(model.output["keypoints"].shape)
    (None, 32, 57, 56, 17)
    >>> model.compile("adam", **keypoint_rcnn_losses())

    Reference:
        He et al., Mask R-CNN, 2017.
    """
    base = FasterRCNN(num_classes, name=name, **options)
    head = RegionKeypointsHead(
        num_keypoints, name="keypoints", **keypoints or {}
    )
    return with_region_maps(
        base,
        {"keypoints": head},
        num_regions=num_keypoint_regions,
        bins=keypoint_bins,
    )


def keypoint_rcnn_losses(*, keypoints=None, losses=None, **options):
    """Losses of `KeypointRCNN`, to be splatted into `compile`.

    Args:
        keypoints: Dict of arguments of `RegionKeypointsLoss`, or `None`.
        losses: Dict of the losses of further tasks, or `None`.
        **options: Further arguments of `faster_rcnn_losses`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> list(keypoint_rcnn_losses()["loss"])
    ['rpn_objectness', 'rpn_boxes', 'classes', 'boxes', 'keypoints']
    """
    own = {"keypoints": RegionKeypointsLoss(**keypoints or {})}
    return faster_rcnn_losses(losses={**own, **(losses or {})}, **options)


def keypoint_rcnn_detector(
    model, *, num_regions=None, max_detections=100, keypoints=None, **options
):
    """A model from images to lists of detections with key points.

    Args:
        model: A trained `KeypointRCNN`.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        keypoints: Dict of arguments of `DecodeRegionKeypoints`, or `None`.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"`, to the dict of
        `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D), `"keypoints"`
        (B, D, K, 3) and `"keypoint_scores"` (B, D, K).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> model = KeypointRCNN(
    ...     1, 17, image_size=64, filters=8, units=16,
    ...     trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     keypoints={"filters": 8, "depth": 2})
    >>> found = keypoint_rcnn_detector(model, max_detections=9).output
    >>> tuple(found["keypoints"].shape)
    (None, 9, 17, 3)
    """
    task_output(model, "keypoints", RegionKeypointsHead)
    image, pyramid, found = detect_regions(
        model,
        num_regions=num_regions,
        max_detections=max_detections,
        **options,
    )
    found = add_maps(model, pyramid, found, image, keypoints=keypoints)
    return keras.Model(image, found, name=f"{model.name}_detector")
