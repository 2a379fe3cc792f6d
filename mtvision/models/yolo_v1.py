"""YOLO v1: a grid over the image, whose cells predict boxes and a class."""

import keras

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import DecodeYOLOv1, YOLOv1Head, YOLOv1Loss
from mtvision.trunks import Darknet24


def YOLOv1(
    num_classes,
    *,
    image_size=448,
    grid=7,
    boxes_per_cell=2,
    trunk=None,
    heads=None,
    task="boxes",
    level=None,
    hidden=4096,
    dropout=0.5,
    convolutional=False,
    name="yolo_v1",
):
    """YOLO v1, with as many more tasks on its trunk as wanted.

    A cell finds one object, so choose a grid on which few cells hold the
    centres of two. The paper trains with images moved and scaled by up to a
    fifth and changed in saturation and brightness by up to 1.5:

        augment = mtv.data.Augment([
            mtv.data.RandomScale(low=0.8, high=1.2),
            mtv.data.RandomTranslation(0.2),
            mtv.data.RandomHSV(hue=0.0, saturation=0.5, value=0.5),
        ])
        train = mtv.data.Batches(
            source, {"boxes": {"boxes": "boxes", "classes": "classes"}},
            image_size=448, batch_size=64, max_objects=50, shuffle=True,
            augment=augment)

    Args:
        num_classes: C.
        image_size: Pixels or `(H, W)`. It is fixed, as the dense layers see
            the whole image.
        grid: S, cells along each side.
        boxes_per_cell: K, boxes that a cell predicts.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps; by
            default `Darknet24` with random weights. On a small machine take
            `Darknet24(width=1 / 8)` or another trunk, and fewer hidden units.
        heads: Dict from further tasks to layers that are called on the dict
            of maps, or `None`.
        task: Name of the detector's output.
        level: The map that the head reads, by default the coarsest.
        hidden: Units of the first dense layer.
        dropout: Share of them that is dropped in training.
        convolutional: Whether convolutions take the place of the dense
            layers; the map must then have S x S cells.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255. Its
        output is (B, S, S, 5 K + C), 7 x 7 x 30 for the paper's 20 classes.

    Raises:
        ValueError: If the image is smaller than a cell of the head's level.

    Example:

    >>> trunk = mtv.trunks.Darknet24(width=1 / 64)
    >>> model = YOLOv1(20, trunk=trunk, hidden=16)
    >>> tuple(model.output["boxes"].shape)
    (None, 7, 7, 30)
    >>> model.compile("adam", **yolo_v1_losses(model))

    Reference:
        Redmon et al., You Only Look Once, 2016.
    """
    image = image_input(image_size)
    trunk = require_trunk(Darknet24() if trunk is None else trunk)
    features = trunk(image)
    level = level or max(features, key=level_stride)
    # Raises if there is not one cell.
    image_input(image_size, level, "a finer level")
    head = YOLOv1Head(
        num_classes,
        grid=grid,
        boxes_per_cell=boxes_per_cell,
        level=level,
        hidden=hidden,
        dropout=dropout,
        convolutional=convolutional,
        name=task,
    )
    return model_of(image, features, {task: head(features)}, heads, name)


def yolo_v1_losses(
    model, *, task="boxes", losses=None, loss_weights=None, **options
):
    """Losses of `YOLOv1`, to be splatted into `compile`.

    Args:
        model: The `YOLOv1`, which tells the image size and the boxes a cell.
        task: Name of the detector's output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Further arguments of `YOLOv1Loss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Raises:
        ValueError: If the model has no such output, or one of another recipe.

    Example:

    >>> trunk = mtv.trunks.Darknet24(width=1 / 64)
    >>> model = YOLOv1(20, image_size=64, trunk=trunk, hidden=16)
    >>> yolo_v1_losses(model)["loss"]["boxes"].image_size
    (64, 64)
    """
    own = {task: YOLOv1Loss(**_shapes(model, task), **options)}
    return with_losses(own, {}, losses, loss_weights)


def yolo_v1_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `YOLOv1`.
        task: Name of the detector's output.
        max_detections: D.
        **options: Further arguments of `DecodeYOLOv1`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such output, or one of another recipe.

    Example:

    >>> trunk = mtv.trunks.Darknet24(width=1 / 64)
    >>> model = YOLOv1(20, trunk=trunk, hidden=16)
    >>> detector = yolo_v1_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeYOLOv1(
        **_shapes(model, task), max_detections=max_detections, **options
    )
    outputs = decode(model.output[task], model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _shapes(model, task):
    """What loss and decoder need to know of a model."""
    task_output(model, task, YOLOv1Head)
    return {
        "image_size": tuple(model.inputs[0].shape[1:3]),
        "boxes_per_cell": model.get_layer(task).boxes_per_cell,
    }
