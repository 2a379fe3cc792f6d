"""SSD: default boxes on maps of many sizes, and hard negatives."""

import keras

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.necks import SSDPyramid
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeDetections,
    DefaultBoxes,
    MultiBoxLoss,
    SSDHead,
)
from mtvision.trunks import VGG16

DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def SSD(
    num_classes,
    *,
    image_size=300,
    trunk=None,
    heads=None,
    task="boxes",
    levels=("P3", "P4"),
    filters=(512, 256, 256, 256),
    strides=None,
    context=1024,
    scale=None,
    boxes=None,
    name="ssd",
):
    """SSD, with as many more tasks on its maps as wanted.

    At 300 pixels it has the paper's 8732 default boxes.

    Args:
        num_classes: C, without the background.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16` with random weights, whose P3 is conv4_3.
        heads: Dict from further tasks to layers that are called on the
            maps, or `None`.
        task: Name of the detector's output.
        levels: The trunk's levels to use. Of a trunk with further ones, as
            P5 of `SmallResNet`, those are not trained, and Keras warns of it.
        filters: Channels of each further level.
        strides: As in `SSDPyramid`; by default those of the paper at 300
            pixels with four further levels, else 2.
        context: As in `SSDPyramid`.
        scale: As in `SSDPyramid`; by default the paper's 20 for the 512
            channels of VGG16's P3, and less for fewer.
        boxes: `DefaultBoxes`; by default those of the paper, where the first
            level and the last two have one aspect ratio, 2, and those
            between 2 and 3.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = SSD(3, image_size=64, trunk=trunk, filters=(8, 8), context=16)
    >>> tuple(model.output["boxes"].shape)
    (None, 372, 12)
    >>> model.compile("adam", **ssd_losses())

    Reference:
        Liu et al., SSD, 2016.
    """
    top = max(level_stride(level) for level in levels).bit_length() - 1
    image = image_input(
        image_size, f"P{top + len(filters)}", "fewer levels by `filters`"
    )
    is_paper = tuple(image.shape[1:3]) == (300, 300) and len(filters) == 4
    if strides is None and is_paper:
        strides = (2, 2, 1, 1)
    trunk = require_trunk(VGG16() if trunk is None else trunk)
    features = trunk(image)
    pyramid = SSDPyramid(
        levels=levels,
        filters=filters,
        strides=strides,
        context=context,
        scale=scale,
        name="pyramid",
    )(features)
    if boxes is None:
        ratios = _aspect_ratios(len(levels) + len(filters))
        boxes = DefaultBoxes(aspect_ratios=ratios)
    head = SSDHead(num_classes, boxes=boxes, name=task)
    outputs = {task: head(pyramid, image)}
    return model_of(image, pyramid, outputs, heads, name)


def ssd_losses(*, task="boxes", losses=None, loss_weights=None, **options):
    """Losses of `SSD`, to be splatted into `compile`.

    Args:
        task: Name of the detector's output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `MultiBoxLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> sorted(ssd_losses(task="cells")["loss"])
    ['cells']
    """
    own = {task: MultiBoxLoss(**options)}
    return with_losses(own, {}, losses, loss_weights)


def ssd_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `SSD`.
        task: Name of the detector's output.
        max_detections: D.
        **options: Further arguments of `DecodeDetections`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such output, or one of another recipe.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = SSD(3, image_size=64, trunk=trunk, filters=(8, 8), context=16)
    >>> detector = ssd_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    options = {
        "activation": "softmax",
        "iou_threshold": 0.45,
        "delta_weights": DELTA_WEIGHTS,
        **options,
    }
    decode = DecodeDetections(max_detections=max_detections, **options)
    outputs = decode(task_output(model, task, SSDHead), model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _aspect_ratios(levels):
    """Of the paper for six levels; both ratios between the outer ones."""
    return [
        (2, 3) if 0 < k < max(levels - 2, 2) else (2,) for k in range(levels)
    ]
