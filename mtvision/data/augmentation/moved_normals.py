"""Directions of surfaces after a move of the image."""

import numpy as np


def turn_normals(normals, matrix):
    """Turns directions as a camera that was turned would see them.

    Mirroring changes the sign of x, turning turns x and y. A change of scale,
    also of one axis only, is one of the lens or of the pixels: directions
    stay as they are.

    Args:
        normals: (..., 3): x to the right, y down, z towards the camera.
        matrix: (3, 3), from old to new pixel coordinates.

    Returns:
        Array of the same type.

    Example:

    >>> mirror = np.array([[-1, 0, 20], [0, 1, 0], [0, 0, 1]])
    >>> turn_normals(np.array([[0.6, 0.0, 0.8]]), mirror).tolist()
    [[-0.6, 0.0, 0.8]]
    """
    turned = normals.copy()
    turn = _without_scale(np.asarray(matrix, "float64")[:2, :2])
    turned[..., :2] = normals[..., :2] @ turn.T
    return turned


def _without_scale(matrix):
    """The turn or mirror of a map (2, 2) that is scaled before or after."""
    if matrix[0, 1] == matrix[1, 0] == 0:
        return np.diag(np.sign(np.diag(matrix)))
    left, _, right = np.linalg.svd(matrix)
    return left @ right
