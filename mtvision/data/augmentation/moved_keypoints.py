"""Key points after a move."""

import numpy as np

from mtvision.data.augmentation import matrices


def move_keypoints(name, points, matrix, size, *, flip_pairs=()):
    """Moves key points; those that left the image are not given any more.

    Args:
        name: Name of the field, for messages.
        points: (..., K, 3) x, y, visibility, or (..., K, 2).
        matrix: (3, 3), from old to new pixel coordinates.
        size: (height, width) of the new image.
        flip_pairs: Pairs (left, right) of numbers of key points that change
            places when the matrix mirrors; or a dict from field to pairs.

    Returns:
        New float32 array. What is outside of the image, or was not given (a
        visibility of 0), is 0, 0, 0; without visibility it is NaN.

    Raises:
        ValueError: If a pair names a key point that there is not.

    Example:

    >>> eyes = np.array([[1.0, 1, 2], [3, 1, 2]])
    >>> mirror = matrices.mirror((4, 8), horizontal=True, vertical=False)
    >>> move_keypoints("eyes", eyes, mirror, (4, 8), flip_pairs=[(0, 1)])
    array([[5., 1., 2.],
           [7., 1., 2.]], dtype=float32)
    """
    moved = points.astype("float32")
    moved[..., :2] = matrices.move_points(points[..., :2], matrix)
    x, y = moved[..., 0], moved[..., 1]
    outside = (x < 0) | (x > size[1]) | (y < 0) | (y > size[0])
    if points.shape[-1] == 3:
        moved[outside | (points[..., 2] == 0)] = 0
    else:
        moved[outside] = np.nan
    if not matrices.is_mirrored(matrix):
        return moved
    if isinstance(flip_pairs, dict):
        flip_pairs = flip_pairs.get(name, ())
    return moved[..., _swapped(name, moved.shape[-2], flip_pairs), :]


def _swapped(name, number, pairs):
    order = np.arange(number)
    for left, right in pairs:
        if max(left, right) >= number:
            raise ValueError(
                f"field {name!r}: flip_pairs name the key point "
                f"{max(left, right)}, but there are {number}, counted from 0. "
                "Where fields differ, pass a dict from field to pairs."
            )
        order[[left, right]] = right, left
    return order
