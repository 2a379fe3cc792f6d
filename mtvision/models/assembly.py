"""What recipes of detectors share."""

import keras

from mtvision.ops.pyramids import level_stride
from mtvision.training import MultiTaskModel


def image_input(image_size, coarsest="P0"):
    """The symbolic image of a recipe.

    Args:
        image_size: `None` for any size, an integer, or `(H, W)`, in pixels.
        coarsest: The coarsest level that a head reads.

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
            "larger size, or fewer levels."
        )
    return keras.Input((*size, 3), name="image")


def model_of(image, pyramid, outputs, heads, name):
    """A model of a detector's outputs and further tasks.

    Args:
        image: Symbolic image.
        pyramid: Dict of symbolic maps.
        outputs: Dict of the detector's outputs.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled.

    Raises:
        ValueError: If a further task has the name of one of the outputs.
    """
    heads = heads or {}
    twice = sorted(set(heads) & set(outputs))
    if twice:
        raise ValueError(
            f"The tasks {twice} of `heads` are outputs of the detector. Give "
            "them other names."
        )
    further = {task: head(pyramid) for task, head in heads.items()}
    return MultiTaskModel(image, {**outputs, **further}, name=name)


def with_losses(own, weights, losses, loss_weights):
    """Arguments of `compile` for a detector and further tasks.

    Args:
        own: Dict of the detector's losses by task.
        weights: Dict of their weights.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights, 1 where it says nothing else, or
            `None`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> with_losses({"boxes": "mse"}, {"boxes": 2.0}, {"scene": "mse"}, None)
    {'loss': {'boxes': 'mse', 'scene': 'mse'}, 'loss_weights': {'boxes': 2.0, \
'scene': 1.0}}
    """
    loss = {**own, **(losses or {})}
    defaults = {**dict.fromkeys(loss, 1.0), **weights}
    return {"loss": loss, "loss_weights": {**defaults, **(loss_weights or {})}}


def task_output(model, task):
    """One output of a model.

    Args:
        model: A functional model whose outputs are a dict.
        task: Name of the output.

    Returns:
        Symbolic tensor.

    Raises:
        ValueError: If there is no such output.
    """
    if task not in model.output:
        raise ValueError(
            f"Expected task to be an output of {model.name!r}, which are "
            f"{sorted(model.output)}; received task={task!r}."
        )
    return model.output[task]


def _is_size(number):
    return isinstance(number, int) and number > 0
