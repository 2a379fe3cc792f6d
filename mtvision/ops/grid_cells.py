"""Cells of a grid over the image, and the objects that fall into them."""

from keras import ops

from mtvision.ops.anchors import anchor_grid
from mtvision.ops.boxes import box_sides
from mtvision.ops.matching import BACKGROUND
from mtvision.ops.option_checks import require_count

# Shares of a cell's side. A centre on the image's last edge is in a last cell.
_EDGE = 1e-4


def grid_cells(map_shape, stride, *, repeats=1):
    """Boxes of the cells of a map, row by row.

    Args:
        map_shape: `(H, W)` of the map, whole numbers or scalar tensors.
        stride: Pixels of the image that a cell spans, or a pair of them: down
            and to the right.
        repeats: How often each cell is listed, K.

    Returns:
        Tensor (H * W * K, 4), xyxy in pixels, float32.

    Raises:
        ValueError: If a size or stride is not positive.

    Example:

    >>> cells = keras.ops.convert_to_numpy(grid_cells((1, 2), (8, 4)))
    >>> cells.tolist()
    [[0.0, 0.0, 4.0, 8.0], [4.0, 0.0, 8.0, 8.0]]
    """
    require_count(repeats, 1, "repeats")
    pair = stride if isinstance(stride, list | tuple) else (stride, stride)
    down, right = pair
    return anchor_grid(map_shape, pair, [[0.0, 0.0, right, down]] * repeats)


def centres_in_cells(boxes, cells):
    """Which cell the centre of each box lies in.

    Args:
        boxes: Tensor (B, M, 4), xyxy in pixels. Centres that lie outside of
            all cells are moved to the nearest.
        cells: Tensor (A, 4) or (B, A, 4), xyxy in pixels; A is not 0.

    Returns:
        Bool tensor (B, M, A).

    Example:

    >>> inside = centres_in_cells([[[0.0, 0.0, 9.0, 2.0]]],
    ...     [[0.0, 0.0, 4.0, 4.0], [4.0, 0.0, 8.0, 4.0]])
    >>> [bool(x) for x in inside[0, 0]]
    [False, True]
    """
    left, top, right, bottom = box_sides(boxes)
    cells = ops.convert_to_tensor(cells)
    along_x = _between((left + right) / 2, cells, 0)
    along_y = _between((top + bottom) / 2, cells, 1)
    return ops.logical_and(along_x, along_y)


def covered_cells(boxes, valid, cells):
    """Cells that have their own centre in a box, or the box's centre in them.

    Args:
        boxes: Tensor (B, M, 4), xyxy in pixels.
        valid: Bool tensor (B, M): boxes that count.
        cells: Tensor (A, 4) or (B, A, 4), xyxy in pixels.

    Returns:
        Bool tensor (B, A).

    Example:

    >>> cells = grid_cells((1, 3), 4)
    >>> covered = covered_cells([[[0.0, 0.0, 7.0, 4.0]]], [[True]], cells)
    >>> [bool(x) for x in covered[0]]
    [True, True, False]
    """
    cell_sides = box_sides(cells)
    x = _rows((cell_sides[0] + cell_sides[2]) / 2)
    y = _rows((cell_sides[1] + cell_sides[3]) / 2)
    left, top, right, bottom = (
        ops.expand_dims(side, -1) for side in box_sides(boxes)
    )
    within = ops.logical_and(
        ops.logical_and(left <= x, x < right),
        ops.logical_and(top <= y, y < bottom),
    )
    touched = ops.logical_or(within, centres_in_cells(boxes, cells))
    touched = ops.logical_and(touched, ops.expand_dims(valid, -1))
    return ops.any(touched, axis=1)


def first_owner(claims):
    """Who gets what several rows claim: the first of them.

    Args:
        claims: Bool tensor (B, M, A): row m claims place a.

    Returns:
        Tensor (B, A), int32: the row, or -1 where there is no claim.

    Example:

    >>> claims = np.array([[[True, False], [True, False]]])
    >>> [int(x) for x in first_owner(claims)[0]]
    [0, -1]
    """
    claims = ops.cast(claims, "int32")
    if claims.shape[1] == 0:
        return ops.sum(claims, axis=1) + BACKGROUND
    first = ops.cast(ops.argmax(claims, axis=1), "int32")
    return ops.where(ops.max(claims, axis=1) > 0, first, BACKGROUND)


def background_is_known(class_scores, annotated):
    """Where the lack of an object is known, though a class may not be.

    In an image in which some classes are not annotated, a place without an
    object may hold one of those. There, "no object" is known only against
    the class that the prediction holds for the most probable.

    Args:
        class_scores: Tensor (B, A, C), predicted; no gradient flows.
        annotated: Bool tensor (B, C), or `None` for all.

    Returns:
        Bool tensor (B, A).

    Example:

    >>> scores = np.array([[[0.9, 0.1], [0.2, 0.8]]])
    >>> known = background_is_known(scores, np.array([[True, False]]))
    >>> [bool(x) for x in known[0]]
    [True, False]
    """
    if annotated is None:
        return ops.ones_like(class_scores[..., 0], dtype="bool")
    best = ops.cast(ops.argmax(class_scores, axis=-1), "int32")
    known = ops.take_along_axis(ops.cast(annotated, "int32"), best, axis=1)
    return known > 0


def shape_iou(sizes, others):
    """IoU of boxes that are moved onto each other's centre.

    Args:
        sizes: Tensor (..., 2), widths and heights.
        others: Tensor (..., 2) that broadcasts with `sizes`.

    Returns:
        Tensor (...), float32; 0 where a size has no area.

    Example:

    >>> float(shape_iou([4.0, 2.0], [2.0, 4.0]))
    0.3333333432674408
    """
    sizes, others = (ops.cast(x, "float32") for x in (sizes, others))
    common = ops.minimum(sizes, others)
    common = common[..., 0] * common[..., 1]
    areas = sizes[..., 0] * sizes[..., 1] + others[..., 0] * others[..., 1]
    return common / ops.maximum(areas - common, 1e-12)


def _between(centres, cells, axis):
    """Whether centres (B, M) are between the sides of cells: (B, M, A)."""
    first, last = _rows(cells[..., axis]), _rows(cells[..., axis + 2])
    start, end = (
        ops.min(first, axis=-1, keepdims=True),
        ops.max(last - _EDGE * (last - first), axis=-1, keepdims=True),
    )
    centres = ops.expand_dims(centres, -1)
    centres = ops.minimum(ops.maximum(centres, start), end)
    return ops.logical_and(first <= centres, centres < last)


def _rows(values):
    """(A,) or (B, A) to (1, 1, A) or (B, 1, A)."""
    values = ops.cast(values, "float32")
    if len(values.shape) == 1:
        values = ops.expand_dims(values, 0)
    return ops.expand_dims(values, 1)
