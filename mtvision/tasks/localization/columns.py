"""The columns of localization vectors, named here and nowhere else."""

from keras import ops


def split(vectors):
    """Takes localization vectors apart.

    Args:
        vectors: Tensor (..., 5 + C): objectness (a logit, or 0 or 1 in
            truth), the box x1, y1, x2, y2 in pixels, and the classes (C
            logits, or in truth C values of one-hot or one class index).

    Returns:
        `(objectness, box, classes)` of shapes (...), (..., 4), (..., C).

    Raises:
        ValueError: If there are fewer than 5 columns.

    Example:

    >>> import numpy as np
    >>> objectness, box, classes = split(np.arange(7.0))
    >>> float(objectness), box.tolist(), classes.tolist()
    (0.0, [1.0, 2.0, 3.0, 4.0], [5.0, 6.0])
    """
    shape = tuple(vectors.shape)
    if not shape or shape[-1] < 5:
        raise ValueError(
            "Expected vectors (..., 5 + C) of one object: p, x1, y1, x2, y2 "
            f"and classes; received shape {shape}."
        )
    return vectors[..., 0], vectors[..., 1:5], vectors[..., 5:]


def join(objectness, box, classes):
    """Puts localization vectors together: the reverse of `split`.

    Args:
        objectness: Tensor (...).
        box: Tensor (..., 4), xyxy in pixels.
        classes: Tensor (..., C).

    Returns:
        Tensor (..., 5 + C), float32.

    Example:

    >>> import numpy as np
    >>> tuple(join(np.ones(2), np.ones((2, 4)), np.ones((2, 3))).shape)
    (2, 8)
    """
    parts = [ops.expand_dims(objectness, -1), box, classes]
    return ops.concatenate([ops.cast(x, "float32") for x in parts], axis=-1)


def check_columns(y_true, y_pred):
    """Raises unless truth vectors fit predicted ones.

    Args:
        y_true: Truth vectors (..., 5 + C), or (..., 6) with a class index.
        y_pred: Predicted vectors (..., 5 + C).

    Raises:
        ValueError: If the shapes do not fit.

    Example:

    >>> import numpy as np
    >>> check_columns(np.zeros((8, 6)), np.zeros((8, 15)))
    """
    true, predicted = tuple(y_true.shape), tuple(y_pred.shape)
    num_classes = predicted[-1] - 5
    columns = {5 + num_classes, 6 if num_classes else 5}
    objects = zip(true[1:-1], predicted[1:-1])
    same = all(a == b for a, b in objects if None not in (a, b))
    if (
        len(true) != len(predicted)
        or not same
        or true[-1] not in {*columns, None}
    ):
        raise ValueError(
            f"Truth vectors of shape {true} do not fit predictions of shape "
            f"{predicted}, which have {num_classes} classes. Expected the "
            "same axes, and in the last of the truth [p, x1, y1, "
            "x2, y2] and the classes, one-hot or as one class index."
        )


def one_hot_classes(classes, num_classes):
    """Reads the class columns of a truth, in either form.

    Args:
        classes: Tensor (..., C) of one-hot values, or (..., 1) of class
            indices. NaN or a negative value is "no class label".
        num_classes: C.

    Returns:
        `(one_hot, labelled)`: tensor (..., C), float32, and whether there
        is a label, boolean (...).

    Example:

    >>> import numpy as np
    >>> one_hot, labelled = one_hot_classes(np.array([[1.0], [-1.0]]), 2)
    >>> [float(x) for x in one_hot[0]]
    [0.0, 1.0]
    >>> [bool(x) for x in labelled]
    [True, False]
    """
    labelled = ops.all(classes >= 0, axis=-1)
    classes = ops.where(ops.expand_dims(labelled, -1), classes, 0.0)
    if classes.shape[-1] == num_classes:
        return ops.cast(classes, "float32"), labelled
    index = ops.cast(classes, "int32")
    indices = ops.arange(num_classes, dtype="int32")
    return ops.cast(index == indices, "float32"), labelled


def present_boxes(y_true, y_pred):
    """Boxes of truth and prediction, emptied where no object is.

    Args:
        y_true: Truth vectors (..., 5), (..., 6) or (..., 5 + C).
        y_pred: Predicted vectors (..., 5 + C).

    Returns:
        `(true, predicted)` boxes (..., 4). A true box is all zeros where the
        object is absent or unlabelled, and NaN where the box is missing.

    Example:

    >>> boxes, _ = present_boxes([[1.0, 2, 3, 4, 5]], [[0.0, 1, 1, 2, 2]])
    >>> [float(x) for x in boxes[0]]
    [2.0, 3.0, 4.0, 5.0]
    """
    objectness, box, _ = split(ops.cast(y_true, "float32"))
    present = ops.expand_dims(objectness > 0.5, -1)
    predicted = split(ops.cast(y_pred, "float32"))[1]
    return ops.where(present, box, 0.0), predicted
