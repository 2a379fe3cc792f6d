"""Maps of the plane as matrices (3, 3) of pixel coordinates (x, y, 1)."""

import numpy as np


def translate(x, y):
    """Moves by x and y pixels.

    Example:

    >>> move_points(np.array([[1.0, 2.0]]), translate(3, 0)).tolist()
    [[4.0, 2.0]]
    """
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def scale(x, y):
    """Stretches by two factors, from the top left corner."""
    return np.diag([x, y, 1.0])


def rotate(degrees):
    """Turns clockwise, as one sees it, about the top left corner."""
    radians = np.deg2rad(degrees)
    sine, cosine = np.sin(radians), np.cos(radians)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0, 0, 1.0]])


def mirror(shape, *, horizontal, vertical):
    """Mirrors an image of shape (height, width) onto itself.

    Example:

    >>> mirror((4, 6), horizontal=True, vertical=False)[0].tolist()
    [-1.0, 0.0, 6.0]
    """
    matrix = np.eye(3)
    if horizontal:
        matrix[0] = [-1.0, 0.0, shape[1]]
    if vertical:
        matrix[1] = [0.0, -1.0, shape[0]]
    return matrix


def about_centre(matrix, shape):
    """A map with the centre of an image in the place of the corner."""
    x, y = shape[1] / 2, shape[0] / 2
    return translate(x, y) @ matrix @ translate(-x, -y)


def fit(shape, size, method):
    """Resizes as `resize_sample` does.

    Args:
        shape: (height, width) of the image.
        size: (height, width) of the result.
        method: `"stretch"` or `"letterbox"`, see `resize_sample`.

    Returns:
        Matrix (3, 3).

    Example:

    >>> fit((10, 20), (10, 10), "letterbox").tolist()
    [[0.5, 0.0, 0.0], [0.0, 0.5, 2.0], [0.0, 0.0, 1.0]]
    """
    inner, corner = size, (0, 0)
    if method == "letterbox":
        factor = min(size[0] / shape[0], size[1] / shape[1])
        inner = [max(1, round(side * factor)) for side in shape]
        corner = [(size[k] - inner[k]) // 2 for k in (0, 1)]
    resize = scale(inner[1] / shape[1], inner[0] / shape[0])
    return translate(corner[1], corner[0]) @ resize


def invert(matrix):
    """The inverse, exact for mirrors and shifts by whole pixels.

    Raises:
        ValueError: If the matrix has none, or is not affine.
    """
    (a, b, x), (c, d, y) = matrix[:2]
    determinant = a * d - b * c
    if determinant == 0 or not np.array_equal(matrix[2], [0, 0, 1]):
        raise ValueError(
            "expected an affine map that can be undone (last row 0, 0, 1; "
            f"determinant not 0), received {np.asarray(matrix).tolist()}."
        )
    inverse = np.array([[d, -b, 0.0], [-c, a, 0.0], [0, 0, determinant]])
    inverse /= determinant
    inverse[:2, 2] = -(inverse[:2, :2] @ [x, y])
    return inverse


def is_mirrored(matrix):
    """Whether left and right change places."""
    return np.linalg.det(matrix[:2, :2]) < 0


def move_points(points, matrix):
    """Points (..., 2) as x, y, moved by a matrix; float64."""
    return np.asarray(points, "float64") @ matrix[:2, :2].T + matrix[:2, 2]


def move_boxes(boxes, matrix):
    """The bounding boxes (..., 4) of moved boxes (..., 4), xyxy; float64.

    Example:

    >>> move_boxes([0, 0, 2, 1], rotate(90)).round().tolist()
    [-1.0, 0.0, 0.0, 2.0]
    """
    corners = np.asarray(boxes)[..., [0, 1, 2, 1, 0, 3, 2, 3]]
    corners = corners.reshape(*corners.shape[:-1], 4, 2)
    moved = move_points(corners, matrix)
    return np.concatenate([moved.min(axis=-2), moved.max(axis=-2)], axis=-1)
