"""The columns of YOLO's predictions, named here and nowhere else."""

import collections

from keras import ops

Anchors = collections.namedtuple(
    "Anchors", "objectness classes deltas cells sizes"
)

# Columns beside those of the classes: objectness, deltas, cell, anchor size.
_OTHERS = 1 + 4 + 4 + 2


def split(predictions):
    """Takes predictions apart.

    Args:
        predictions: Tensor (B, A, 1 + C + 4 + 4 + 2).

    Returns:
        `Anchors`, a named tuple of `objectness` (B, A), logits; `classes`
        (B, A, C), logits; `deltas` (B, A, 4), see `box_coding`; `cells`
        (B, A, 4), the cell of each anchor, xyxy in pixels; `sizes` (B, A, 2),
        its width and height in pixels.

    Raises:
        ValueError: If it is no such tensor.

    Example:

    >>> anchors = split(np.zeros((1, 5, 14)))
    >>> anchors.classes.shape, anchors.sizes.shape
    ((1, 5, 3), (1, 5, 2))
    """
    count_classes(predictions)
    return Anchors(
        objectness=predictions[..., 0],
        classes=predictions[..., 1:-10],
        deltas=predictions[..., -10:-6],
        cells=predictions[..., -6:-2],
        sizes=predictions[..., -2:],
    )


def join(objectness, classes, deltas, cells, sizes):
    """Puts predictions together: the reverse of `split`.

    Args:
        objectness: Tensor (B, A).
        classes: Tensor (B, A, C).
        deltas: Tensor (B, A, 4).
        cells: Tensor (A, 4).
        sizes: Tensor (A, 2).

    Returns:
        Tensor (B, A, 11 + C), float32.

    Example:

    >>> x = np.ones((2, 5, 4), "float32")
    >>> rows = join(x[..., 0], x[..., :3], x, x[0], x[0, :, :2])
    >>> tuple(rows.shape)
    (2, 5, 14)
    """
    objectness = ops.expand_dims(objectness, -1)
    constants = ops.concatenate([cells, sizes], axis=-1)
    zeros = ops.zeros_like(ops.cast(objectness, "float32"))
    parts = [objectness, classes, deltas, zeros + constants]
    return ops.concatenate([ops.cast(x, "float32") for x in parts], axis=-1)


def count_classes(predictions):
    """Number of classes that predictions have.

    Args:
        predictions: Tensor (B, A, 11 + C), or a symbolic one.

    Returns:
        C.

    Raises:
        ValueError: If the shape is another or there is no class.

    Example:

    >>> count_classes(np.zeros((1, 5, 14)))
    3
    """
    shape = tuple(predictions.shape)
    if len(shape) != 3 or shape[2] is None or shape[2] <= _OTHERS:
        raise ValueError(
            f"Expected predictions of YOLOHead, (B, A, {_OTHERS} + C): "
            "objectness, C classes, 4 deltas, 4 sides of the cell, 2 of the "
            f"anchor; received shape {shape}."
        )
    return shape[2] - _OTHERS
