"""What recipes of detectors share."""

import numbers

import keras

from mtvision.layers.pixel_head import PixelHead
from mtvision.ops.pyramids import level_stride
from mtvision.training import MultiTaskModel

# The heads that have a detector of their own among the recipes.
DETECTORS = {
    "DetectionHead": "retinanet_detector",
    "KeypointMapsHead": "heat_map_pose_detector",
    "KeypointRefinementHead": "deep_pose_detector",
    "KeypointsHead": "deep_pose_detector",
    "PositionSensitiveBoxesHead": "rfcn_detector",
    "RegionBoxesHead": "fast_rcnn_detector` or `faster_rcnn_detector",
    "RegionCaptionsHead": "dense_captioning_detector",
    "RegionKeypointsHead": "keypoint_rcnn_detector",
    "RegionMasksHead": "mask_rcnn_detector",
    "SSDHead": "ssd_detector",
    "YOLOHead": "yolo_detector",
    "YOLOv1Head": "yolo_v1_detector",
    "WindowHead": "sliding_window_detector",
}


def image_input(image_size, coarsest="P0", remedy="fewer levels"):
    """The symbolic image of a recipe.

    Args:
        image_size: `None` for any size, an integer, or `(H, W)`, in pixels.
        coarsest: The coarsest level that a head reads.
        remedy: What else but a larger image helps, for the message.

    Returns:
        `keras.Input` (B, H, W, 3) of the name `"image"`.

    Raises:
        ValueError: If it is no size, or smaller than a cell of that level.

    Example:

    >>> image_input(300).shape
    (None, 300, 300, 3)
    """
    size = image_size
    if not isinstance(size, list | tuple):
        size = (size, size)
    if len(size) != 2 or not all(n is None or _is_size(n) for n in size):
        raise ValueError(
            "Expected image_size as None, pixels or (height, width), received "
            f"{image_size!r}."
        )
    stride = level_stride(coarsest)
    if any(n is not None and n < stride for n in size):
        raise ValueError(
            f"The coarsest level, {coarsest}, has a stride of {stride} "
            f"pixels, but image_size={image_size!r} is smaller. Choose a "
            f"larger size, or {remedy}."
        )
    # Numpy's integers would go into the model's file.
    size = [None if n is None else int(n) for n in size]
    return keras.Input((*size, 3), name="image")


def require_trunk(trunk):
    """Raises unless a trunk is a layer or model.

    Args:
        trunk: What was given.

    Returns:
        The trunk.

    Raises:
        ValueError: If it is a class or function that would make one, say.

    Example:

    >>> require_trunk(mtv.trunks.SmallResNet)
    Traceback (most recent call last):
    ...
    ValueError: Expected trunk as a layer or model, received 'SmallResNet' ...
    """
    if not isinstance(trunk, keras.layers.Layer):
        name = getattr(trunk, "__name__", None)
        hint = f" Call it first: trunk={name}()." if callable(trunk) else ""
        raise ValueError(
            f"Expected trunk as a layer or model, received {name or trunk!r} "
            f"of type {type(trunk).__name__}.{hint}"
        )
    return trunk


def model_of(image, pyramid, outputs, heads, name):
    """A model of a detector's outputs and further tasks.

    Args:
        image: Symbolic image, or dict of inputs.
        pyramid: Dict of symbolic maps.
        outputs: Dict of the detector's outputs.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled.

    Raises:
        ValueError: If a further task has the name of one of the outputs, or
            its head is a class.
    """
    require_new_tasks(heads, outputs)
    further = {task: head(pyramid) for task, head in (heads or {}).items()}
    return MultiTaskModel(image, {**outputs, **further}, name=name)


def require_new_tasks(heads, outputs, argument="heads"):
    """Raises unless heads can join the outputs of a model.

    Args:
        heads: Dict from tasks to layers, or `None`.
        outputs: Dict of the outputs that are there.
        argument: Name of the argument, for the message.

    Raises:
        ValueError: If they are no such dict, a task has the name of one of
            the outputs, or its head is a class.

    Example:

    >>> require_new_tasks({"mask": mtv.tasks.SegmentationHead(2)}, {"boxes": 0})
    """
    if heads is None:
        return
    if not isinstance(heads, dict):
        raise ValueError(
            f"Expected {argument} as a dict from tasks to layers, received a "
            f"{type(heads).__name__}. Give each layer a name: "
            f"{argument}={{'task': layer}}."
        )
    twice = sorted(set(heads) & set(outputs), key=str)
    if twice:
        raise ValueError(
            f"The tasks {twice} of `{argument}` are outputs of the model "
            "already. Give them other names."
        )
    for task, head in heads.items():
        if isinstance(head, type):
            raise ValueError(
                f"Expected {argument}[{task!r}] as a layer, received the "
                f"class {head.__name__}. Make one: {head.__name__}(...)."
            )
        if not callable(head):
            raise ValueError(
                f"Expected {argument}[{task!r}] as a layer, received {head!r}."
            )


def with_losses(own, weights, losses, loss_weights):
    """Arguments of `compile` for a detector and further tasks.

    Args:
        own: Dict of the detector's losses by task.
        weights: Dict of their weights.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights, 1 where it says nothing else, or
            `None`. Tasks whose loss is `None` have none.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> with_losses({"boxes": "mse"}, {"boxes": 2.0}, {"scene": "mse"}, None)
    {'loss': {'boxes': 'mse', 'scene': 'mse'}, 'loss_weights': {'boxes': 2.0, \
'scene': 1.0}}
    """
    loss = {**own, **(losses or {})}
    trained = [task for task in loss if loss[task] is not None]
    defaults = {task: weights.get(task, 1.0) for task in trained}
    return {"loss": loss, "loss_weights": {**defaults, **(loss_weights or {})}}


def task_output(model, task, head):
    """One output of a model.

    Args:
        model: A functional model whose outputs are a dict.
        task: Name of the output.
        head: Class of the layer that gives what is to be decoded. Layers
            that no recipe has pass too.

    Returns:
        Symbolic tensor.

    Raises:
        ValueError: If there is no such output, or it is that of another
            recipe's head, or of another head of pixels.
    """
    if task not in model.output:
        raise ValueError(
            f"Expected task to be an output of {model.name!r}, which are "
            f"{sorted(model.output)}; received task={task!r}."
        )
    layer = _layer_behind(model, task)
    made_by = type(layer).__name__
    if made_by in DETECTORS and not isinstance(layer, head):
        raise ValueError(
            f"Expected a {head.__name__} behind the output {task!r} of "
            f"{model.name!r}, received a {made_by}. For that take "
            f"`{DETECTORS[made_by]}`."
        )
    if isinstance(layer, PixelHead) and not isinstance(layer, head):
        raise ValueError(
            f"Expected a {head.__name__} behind the output {task!r} of "
            f"{model.name!r}, received a {made_by}, whose maps mean something "
            "else. Name another output."
        )
    return model.output[task]


def _layer_behind(model, task):
    """The layer of an output: it has its name, or gives its tensor."""
    for layer in model.layers:
        if layer.name == task:
            return layer
    for layer in model.layers:
        try:
            if layer.output is model.output[task]:
                return layer
        except (AttributeError, ValueError):
            continue  # called not at all, or more than once
    return None


def _is_size(number):
    whole = isinstance(number, numbers.Integral)
    return whole and not isinstance(number, bool) and number > 0
