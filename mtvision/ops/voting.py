"""Votes of the cells of a map, gathered by attention."""

from keras import ops


def cell_centres(height, width, stride):
    """Centres of the cells of a map, in pixels of the image.

    Args:
        height: Rows of the map, number or scalar tensor.
        width: Columns of the map.
        stride: Pixels of the image that a cell spans.

    Returns:
        Tensor (height * width, 2), float32, x and y, row by row.

    Example:

    >>> [[float(v) for v in xy] for xy in cell_centres(1, 2, 8)]
    [[4.0, 4.0], [12.0, 4.0]]
    """
    x = (ops.arange(width, dtype="float32") + 0.5) * stride
    y = (ops.arange(height, dtype="float32") + 0.5) * stride
    x, y = ops.meshgrid(x, y)
    return ops.reshape(ops.stack([x, y], axis=-1), (-1, 2))


def boxes_around(centres, distances):
    """Boxes from a point inside and its distances to the four sides.

    Args:
        centres: Tensor (..., 2), x and y in pixels.
        distances: Tensor (..., 4), to left, top, right and bottom, pixels.

    Returns:
        Tensor (..., 4), xyxy in pixels.

    Example:

    >>> import numpy as np
    >>> box = boxes_around(np.array([8.0, 9.0]), np.array([1.0, 2, 3, 4]))
    >>> [float(v) for v in box]
    [7.0, 7.0, 11.0, 13.0]
    """
    top_left = centres - distances[..., :2]
    bottom_right = centres + distances[..., 2:]
    return ops.concatenate([top_left, bottom_right], axis=-1)


def attend(scores, votes):
    """Mean of the votes of all cells, weighted by the softmax of scores.

    Args:
        scores: Tensor (B, N, K): how much cell n says about object k.
        votes: Tensor (B, N, K, D).

    Returns:
        Tensor (B, K, D).

    Example:

    >>> import numpy as np
    >>> votes = np.array([[[[1.0, 2.0]], [[3.0, 6.0]]]])
    >>> [float(v) for v in attend(np.zeros((1, 2, 1)), votes)[0, 0]]
    [2.0, 4.0]
    """
    weight = ops.softmax(scores, axis=1)
    return ops.sum(ops.expand_dims(weight, -1) * votes, axis=1)
