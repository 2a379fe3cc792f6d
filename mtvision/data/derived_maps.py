"""Maps that follow from other maps."""

import itertools

import numpy as np

from mtvision.data.checks import IGNORED
from mtvision.ops.option_checks import (
    require_above_zero,
    require_count,
    require_finite,
)

# The directions of the neighbours of a pixel that share a side with it.
SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))


def edges_of_classes(semantic, *, ignore_class=IGNORED):
    """The edges between the classes of a map.

    A pixel lies on an edge if one of the four pixels beside it is of another
    class, so that edges are two pixels wide. Lines of two pixels break where
    the map is shrunk to less than half afterwards.

    Args:
        semantic: (H, W) integers. Negative ones and `ignore_class` are
            unlabelled.
        ignore_class: A class number that means "unlabelled", or `None`.

    Returns:
        Int32 array (H, W): 1 on an edge, 0 elsewhere; 255 on unlabelled
        pixels, and beside them where there is no other edge.

    Raises:
        ValueError: If the map is not (H, W) integers.

    Example:

    >>> edges_of_classes(np.array([[0, 0, 0, 2, 2, 255]])).tolist()
    [[0, 0, 1, 1, 255, 255]]
    """
    semantic = np.asarray(semantic)
    if semantic.ndim != 2 or semantic.dtype.kind not in "iub":
        raise ValueError(
            "Expected a map of class numbers, integers (H, W), received "
            f"{semantic.dtype} of shape {semantic.shape}."
        )
    semantic = semantic.astype("int64")
    unlabelled = semantic < 0
    if ignore_class is not None:
        unlabelled = unlabelled | (semantic == ignore_class)
    edge, unsure = np.zeros((2, *semantic.shape), "bool")
    for side in SIDES:
        here, there = _shifted(semantic.shape, side)
        unknown = unlabelled[there]
        edge[here] |= (semantic[here] != semantic[there]) & ~unknown
        unsure[here] |= unknown
    edges = np.where(edge, 1, np.where(unsure, IGNORED, 0))
    return np.where(unlabelled, IGNORED, edges).astype("int32")


def normals_of_depth(depth, *, focal_length, centre=None, radius=2, jump=0.1):
    """Directions of surfaces, from a map of their depth.

    On a plane seen by a pinhole camera 1 / depth is a linear function of x
    and y. The one of least squares around each pixel is exact on planes, and
    evens out noise elsewhere. Neighbours that lie much nearer or further, on
    another surface, are left out.

    Args:
        depth: (H, W) distances along the optical axis; NaN, and what is not
            above 0, was not measured.
        focal_length: Pixels of this map: of the width W it is
            W / (2 tan(angle of view / 2)).
        centre: x, y where the optical axis meets the image, in pixels; by
            default the middle.
        radius: Pixels to each side whose depths are taken. Larger for noisy
            depth.
        jump: Neighbours whose depth differs by more than this share of the
            pixel's own are of another surface.

    Returns:
        Float32 array (H, W, 3) of unit vectors: x to the right, y down, z
        towards the camera. NaN where the depth, or too much around it, was
        not measured.

    Raises:
        ValueError: If the shape or an option is out of range.

    Example:

    >>> normals_of_depth(np.full((5, 5), 2.0), focal_length=5.0)[2, 2].tolist()
    [0.0, 0.0, 1.0]
    >>> nearer_to_the_right = np.ones((5, 1)) / (1 + 0.1 * np.arange(5.0))
    >>> normals = normals_of_depth(nearer_to_the_right, focal_length=5.0)
    >>> round(float(normals[2, 2, 0]), 2)
    -0.38

    Reference:
        Fan et al., Three-Filters-to-Normal: An Accurate and Ultrafast
        Surface Normal Estimator, 2021, for gradients of inverse depth.
    """
    depth = np.asarray(depth, "float64")
    _check_depth(depth, focal_length, centre, radius, jump)
    with np.errstate(invalid="ignore"):
        measured = (depth > 0) & np.isfinite(depth)
    depth = np.where(measured, depth, np.nan)
    right, down, level = _fit_planes(depth, radius, jump)
    height, width = depth.shape
    x, y = (width / 2, height / 2) if centre is None else centre
    across = np.arange(width) + 0.5 - x
    along = np.arange(height)[:, None] + 0.5 - y
    # (right, down, forward) * point = 1 on the plane: it points away.
    forward = (level - right * across - down * along) / focal_length
    normals = np.stack([-right, -down, forward], axis=-1)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    # Adding 0 makes -0 a 0.
    return (normals / length + 0.0).astype("float32")


def _fit_planes(depth, radius, jump):
    """Slopes of 1 / depth to the right and down, and its value, (H, W) each;
    NaN where too few neighbours were measured.
    """
    inverse = 1 / depth
    squares, products = np.zeros((6, *depth.shape)), np.zeros((3, *depth.shape))
    steps = range(-radius, radius + 1)
    for x, y in itertools.product(steps, steps):
        here, there = _shifted(depth.shape, (y, x))
        with np.errstate(invalid="ignore"):
            near = np.abs(depth[there] - depth[here]) <= jump * depth[here]
        value = np.where(near, inverse[there], 0.0)
        for total, factor in zip(squares, (x * x, x * y, x, y * y, y, 1)):
            total[here] += factor * near
        for total, factor in zip(products, (x, y, 1)):
            total[here] += factor * value
    # Both triangles of the symmetric matrix of the normal equations.
    matrices = np.stack(squares[[0, 1, 2, 1, 3, 4, 2, 4, 5]], axis=-1)
    matrices = matrices.reshape(*depth.shape, 3, 3)
    # 0 where all neighbours lie in a line, else at least 1.
    solvable = np.linalg.det(matrices) > 0.5
    planes = np.full((3, *depth.shape), np.nan)
    found = products[:, solvable].T[..., None]
    planes[:, solvable] = np.linalg.solve(matrices[solvable], found)[..., 0].T
    return planes


def _shifted(shape, offset):
    """Slices of the pixels that have a neighbour at an offset (y, x), and of
    these neighbours.
    """
    here, there = (
        tuple(
            slice(max(0, sign * step), size + min(0, sign * step))
            for step, size in zip(offset, shape)
        )
        for sign in (-1, 1)
    )
    return here, there


def _check_depth(depth, focal_length, centre, radius, jump):
    if depth.ndim != 2:
        raise ValueError(
            f"Expected a map of depths (H, W), received shape {depth.shape}."
        )
    require_above_zero(focal_length, "focal_length")
    require_count(radius, 1, "radius")
    if jump != np.inf:
        require_above_zero(jump, "jump")
    if centre is not None:
        if (
            not isinstance(centre, list | tuple | np.ndarray)
            or len(centre) != 2
        ):
            raise ValueError(
                f"Expected centre as None or (x, y) in pixels, received "
                f"{centre!r}."
            )
        for place in centre:
            require_finite(place, "centre")
