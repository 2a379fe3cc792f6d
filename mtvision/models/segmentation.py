"""What recipes of segmentation share."""

import inspect

import keras

from mtvision.models.assembly import (
    require_new_tasks,
    task_output,
    with_losses,
)
from mtvision.necks import ExpandingPath
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeSegmentation,
    SegmentationHead,
    SegmentationLoss,
)
from mtvision.training import MultiTaskModel


def segmentation_model(
    image, features, maps, head, *, heads, pixel_heads, name
):
    """A model of a map of classes and further tasks.

    Args:
        image: Symbolic image.
        features: Dict of the trunk's symbolic maps.
        maps: Dict of the symbolic maps that heads of pixels are called on.
        head: Layer of the classes; its name is that of their output.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on
            `maps` and the image, or `None`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled.

    Raises:
        ValueError: If two tasks have one name, or a head is no layer that is
            called on what it gets.
    """
    outputs = {head.name: head(maps, image)}
    require_new_tasks(heads, outputs)
    for task, head in (heads or {}).items():
        outputs[task] = head(features)
    require_new_tasks(pixel_heads, outputs, "pixel_heads")
    for task, head in (pixel_heads or {}).items():
        _require_pixel_head(task, head)
        outputs[task] = head(maps, image)
    return MultiTaskModel(image, outputs, name=name)


def require_task(task):
    """Raises unless a task has a name.

    Args:
        task: What was given.

    Raises:
        ValueError: If it is no text.

    Example:

    >>> require_task("semantic")
    """
    if not isinstance(task, str) or not task:
        raise ValueError(
            f"Expected task as the name of the output, received {task!r}."
        )


def _require_pixel_head(task, head):
    call = inspect.signature(getattr(head, "call", head))
    _, *further = (
        parameter.name
        for parameter in call.parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY
    )
    if not further or further[0] in ("training", "mask"):
        raise ValueError(
            f"Expected pixel_heads[{task!r}] as a layer that is called on maps "
            f"and the image, received a {type(head).__name__}, which takes "
            "maps alone. Give it by heads."
        )


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
        ValueError: If the model has no such output, or it gives no classes.

    Example:

    >>> trunk = mtv.trunks.ContractingPath((4, 8))
    >>> model = mtv.models.UNet(3, trunk=trunk)
    >>> segment = segmenter(model)
    >>> segment.predict(np.zeros((1, 9, 8, 3)), verbose=0)["semantic"].shape
    (1, 9, 8)
    """
    logits = task_output(model, task, SegmentationHead)
    if len(logits.shape) != 4:
        raise ValueError(
            f"Expected the output {task!r} of {model.name!r} as logits "
            f"(B, H, W, C), received the shape {tuple(logits.shape)}."
        )
    outputs = {task: DecodeSegmentation()(logits)}
    return keras.Model(model.input, outputs, name=f"{model.name}_segmenter")


def mirrored_path(features, *, filters=None, depth=None, **options):
    """A path back that mirrors a trunk and takes nothing of it but places.

    Args:
        features: Dict of symbolic maps.
        filters: As for `ExpandingPath`; `None` ends each level with the
            channels of the next finer one, where its unpooling needs them.
        depth: As for `ExpandingPath`; `None` for as many convolutions as VGG
            has: three a level, two at P1 and P0.
        **options: Further arguments of `ExpandingPath`.

    Returns:
        Dict of the finest level's name to the map.

    Example:

    >>> channels = {"P0": 4, "P1": 8, "P2": 9}
    >>> maps = {k: keras.Input((8, 8, c)) for k, c in channels.items()}
    >>> tuple(mirrored_path(maps)["P0"].shape)
    (None, 8, 8, 4)
    """
    _, *finer = sorted(features, key=level_stride, reverse=True)
    channels = [features[level].shape[-1] for level in finer]
    if filters is None:
        filters = [*channels[1:], *channels[-1:]]
    if depth is None:
        depth = [3 if level_stride(level) > 2 else 2 for level in finer]
    path = ExpandingPath(
        filters, merge=None, depth=depth, name="path", **options
    )
    return path(features)
