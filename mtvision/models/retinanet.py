"""RetinaNet: a feature pyramid, shared towers and the focal loss."""

import keras

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.necks import FeaturePyramid
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import DecodeDetections, DetectionHead, DetectionLoss
from mtvision.trunks import ResNet50


def RetinaNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    task="boxes",
    levels=("P3", "P4", "P5"),
    extra_levels=2,
    filters=256,
    depth=4,
    norm=None,
    anchors=None,
    prior=0.01,
    name="retinanet",
):
    """RetinaNet, with as many more tasks on its pyramid as wanted.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        task: Name of the detector's output.
        levels: The trunk's levels to use.
        extra_levels: Number of further levels, made of the trunk's last.
        filters: Channels of the pyramid and of the towers.
        depth: Convolutions in each tower.
        norm: Normalisation in the towers, as in `DetectionHead`.
        anchors: `GridAnchors`, by default nine a cell as in the paper.
        prior: Probability of every class before training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level, 128 pixels for P7.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = RetinaNet(3, image_size=128, trunk=trunk, filters=8, depth=1)
    >>> tuple(model.output["boxes"].shape)
    (None, 3069, 11)
    >>> model.compile("adam", **retinanet_losses())

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017.
    """
    top = max(level_stride(level) for level in levels).bit_length() - 1
    coarsest = f"P{top + extra_levels}"
    image = image_input(image_size, coarsest, "fewer extra_levels")
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    features = trunk(image)
    pyramid = FeaturePyramid(
        filters,
        levels=levels,
        extra_levels=extra_levels,
        extra_from="trunk",
        name="pyramid",
    )(features)
    head = DetectionHead(
        num_classes,
        filters=filters,
        depth=depth,
        norm=norm,
        anchors=anchors,
        prior=prior,
        name=task,
    )
    return model_of(image, pyramid, {task: head(pyramid)}, heads, name)


def retinanet_losses(
    *, task="boxes", losses=None, loss_weights=None, **options
):
    """Losses of `RetinaNet`, to be splatted into `compile`.

    Args:
        task: Name of the detector's output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `DetectionLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> retinanet_losses(loss_weights={"boxes": 2.0})["loss_weights"]
    {'boxes': 2.0}
    """
    own = {task: DetectionLoss(**options)}
    return with_losses(own, {}, losses, loss_weights)


def retinanet_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `RetinaNet`.
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
    >>> model = RetinaNet(3, image_size=128, trunk=trunk, filters=8, depth=1)
    >>> detector = retinanet_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeDetections(max_detections=max_detections, **options)
    outputs = decode(task_output(model, task, DetectionHead), model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")
