"""What recipes of segmentation share."""

import keras

from mtvision.models.assembly import (
    require_new_tasks,
    task_output,
    with_losses,
)
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeSegmentation,
    SegmentationHead,
    SegmentationLoss,
)
from mtvision.training import MultiTaskModel


def segmentation_model(
    image, features, maps, outputs, *, heads, pixel_heads, name
):
    """A model of a map of classes and further tasks.

    Args:
        image: Symbolic image.
        features: Dict of the trunk's symbolic maps.
        maps: Dict of the symbolic maps that heads of pixels are called on.
        outputs: Dict of the outputs that are there.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on
            `maps` and the image, or `None`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled.

    Raises:
        ValueError: If two tasks have one name, or a head is a class.
    """
    outputs = dict(outputs)
    require_new_tasks(heads or {}, outputs)
    for task, head in (heads or {}).items():
        outputs[task] = head(features)
    require_new_tasks(pixel_heads or {}, outputs)
    for task, head in (pixel_heads or {}).items():
        outputs[task] = head(maps, image)
    return MultiTaskModel(image, outputs, name=name)


def segmentation_losses(
    *, task="semantic", losses=None, loss_weights=None, **options
):
    """Losses of a recipe of segmentation, to be splatted into `compile`.

    Args:
        task: Name of the output that gives pixels their classes.
        losses: Dict of the losses of further tasks, or another loss for
            `task`, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `SegmentationLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> arguments = segmentation_losses(losses={"breed": "mse"})
    >>> arguments["loss_weights"]
    {'semantic': 1.0, 'breed': 1.0}
    >>> own = {"semantic": mtv.losses.Dice()}
    >>> list(segmentation_losses(losses=own)["loss"])
    ['semantic']
    """
    own = {task: SegmentationLoss(**options)}
    return with_losses(own, {}, losses, loss_weights)


def segmenter(model, *, task="semantic"):
    """A model from images to the most likely class of each pixel.

    Args:
        model: A trained model of a recipe of segmentation.
        task: Name of its output of logits (B, H, W, C).

    Returns:
        `keras.Model` from the same inputs to `{task: (B, H, W)}`, int32.

    Raises:
        ValueError: If the model has no such output.
    """
    logits = task_output(model, task, SegmentationHead)
    if len(logits.shape) != 4:
        raise ValueError(
            f"Expected the output {task!r} of {model.name!r} as logits "
            f"(B, H, W, C), received the shape {tuple(logits.shape)}."
        )
    outputs = {task: DecodeSegmentation()(logits)}
    return keras.Model(model.input, outputs, name=f"{model.name}_segmenter")


def mirrored_filters(features):
    """Channels of a decoder that mirrors a trunk.

    The convolutions of a level end with the channels of the next finer one,
    where the next unpooling needs them.

    Args:
        features: Dict of maps (B, H, W, C).

    Returns:
        List of channels, one for each level but the coarsest, from coarse to
        fine.

    Example:

    >>> channels = {"P0": 4, "P1": 8, "P2": 9}
    >>> maps = {k: np.zeros((1, 1, 1, c)) for k, c in channels.items()}
    >>> mirrored_filters(maps)
    [4, 4]
    """
    channels = [
        features[k].shape[-1] for k in sorted(features, key=level_stride)
    ]
    return [*channels[:-2][::-1], channels[0]]


def mirrored_depth(features):
    """Convolutions of a decoder that mirrors VGG: three a level, two at P1
    and P0.

    Args:
        features: Dict of maps.

    Returns:
        List of numbers, one for each level but the coarsest, from coarse to
        fine.

    Example:

    >>> mirrored_depth({"P0": 0, "P1": 0, "P2": 0, "P3": 0})
    [3, 2, 2]
    """
    strides = sorted(map(level_stride, features), reverse=True)
    return [3 if stride > 2 else 2 for stride in strides[1:]]
