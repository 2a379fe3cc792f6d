"""YOLO with anchor boxes."""

import keras
import numpy as np

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.necks import FeaturePyramid
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import DecodeYOLO, YOLOHead, YOLOLoss
from mtvision.trunks import Darknet19

# The authors' clusters of Pascal VOC, of images of 416 pixels: widths and
# heights in cells of 32 pixels (yolov2-voc.cfg).
_VOC_ANCHORS = (
    (1.3221, 1.73145),
    (3.19275, 4.00944),
    (5.05587, 8.09892),
    (9.47112, 4.84053),
    (11.2356, 10.0071),
)


def YOLO(
    num_classes,
    anchors=None,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    task="boxes",
    levels=("P5",),
    filters=256,
    hidden=256,
    prior=0.01,
    name="yolo",
):
    """YOLO with anchor boxes, with as many more tasks on its trunk as wanted.

    One level is YOLOv2 without the passthrough of a finer map. Several levels
    pass a `FeaturePyramid` first, as in YOLOv3. Anchors that fit the data
    come from the boxes of its batches:

        train = mtv.data.Batches(
            source, {"boxes": {"boxes": "boxes", "classes": "classes"}},
            image_size=416, batch_size=16, max_objects=50)
        boxes = [y["boxes"]["boxes"].reshape(-1, 4) for _, y, *_ in train]
        anchors = mtv.ops.cluster_anchors(np.concatenate(boxes), 5)

    Args:
        num_classes: C.
        anchors: Widths and heights in pixels of the image as the model sees
            it, (N, 2): shared out among the levels by area, as many to each;
            or a dict from levels to (K, 2). By default the authors' five of
            Pascal VOC, for images of 416 pixels.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps; by
            default `Darknet19` with random weights.
        heads: Dict from further tasks to layers that are called on the dict
            of maps (that of the pyramid for several levels), or `None`.
        task: Name of the detector's output.
        levels: The levels with anchors, unless `anchors` names them.
        filters: Channels of the pyramid of several levels.
        hidden: Filters of the head's convolutions.
        prior: Objectness before training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level, or the anchors are none.

    Example:

    >>> trunk = mtv.trunks.Darknet19(width=1 / 64)
    >>> model = YOLO(20, image_size=416, trunk=trunk, hidden=8)
    >>> tuple(model.output["boxes"].shape)
    (None, 845, 31)
    >>> model.compile("adam", **yolo_losses())

    Reference:
        Redmon and Farhadi, YOLO9000, 2017, and YOLOv3, 2018.
    """
    anchors = _by_level(anchors, levels)
    coarsest = max(anchors, key=level_stride)
    image = image_input(image_size, coarsest, "finer levels")
    trunk = require_trunk(Darknet19() if trunk is None else trunk)
    features = trunk(image)
    if len(anchors) > 1:
        features = FeaturePyramid(
            filters, levels=tuple(anchors), name="pyramid"
        )(features)
    head = YOLOHead(num_classes, anchors, hidden=hidden, prior=prior, name=task)
    return model_of(image, features, {task: head(features)}, heads, name)


def yolo_losses(*, task="boxes", losses=None, loss_weights=None, **options):
    """Losses of `YOLO`, to be splatted into `compile`.

    Args:
        task: Name of the detector's output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `YOLOLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> yolo_losses(loss_weights={"boxes": 2.0})["loss_weights"]
    {'boxes': 2.0}
    """
    own = {task: YOLOLoss(**options)}
    return with_losses(own, {}, losses, loss_weights)


def yolo_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `YOLO`.
        task: Name of the detector's output.
        max_detections: D.
        **options: Further arguments of `DecodeYOLO`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such output, or one of another recipe.

    Example:

    >>> trunk = mtv.trunks.Darknet19(width=1 / 64)
    >>> model = YOLO(20, image_size=416, trunk=trunk, hidden=8)
    >>> detector = yolo_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeYOLO(max_detections=max_detections, **options)
    outputs = decode(task_output(model, task, YOLOHead), model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _by_level(anchors, levels):
    """Anchors as a dict from levels to sizes; the small to the fine level."""
    if isinstance(anchors, dict):
        return anchors
    if anchors is None:
        anchors = 32 * np.array(_VOC_ANCHORS)
    levels = sorted(levels, key=level_stride)
    sizes = np.asarray(anchors, "float64")
    if sizes.ndim != 2 or sizes.shape[-1] != 2 or len(sizes) % len(levels):
        raise ValueError(
            "Expected anchors (N, 2), widths and heights, as many for each "
            f"of the levels {tuple(levels)}; received shape {sizes.shape}. A "
            "dict from levels to sizes shares them out differently."
        )
    order = np.argsort(sizes.prod(axis=1), kind="stable")
    parts = np.split(sizes[order], len(levels))
    return {level: part.tolist() for level, part in zip(levels, parts)}
