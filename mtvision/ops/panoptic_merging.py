"""From masks of things and a map of classes to one map of segments."""

import keras
from keras import ops

from mtvision.ops.option_checks import (
    require_count,
    require_not_negative,
    require_within,
)
from mtvision.ops.shapes import require_rank

VOID = -1


def merge_panoptic(
    masks,
    scores,
    classes,
    semantic,
    *,
    num_classes,
    things,
    score_threshold=0.5,
    overlap_threshold=0.5,
    min_stuff_area=4096,
    divisor=1000,
):
    """Puts things, by falling score, and then stuff into a map.

    A thing gets those pixels of its mask that no better one has; if that
    leaves it less than a share of `1 - overlap_threshold`, it is dropped.
    The pixels that remain go to the stuff that is found there, if it has
    enough of them, and else to none. No gradient flows.

    Args:
        masks: Tensor (B, D, H, W): bool or integers, above 0 inside; or
            floats, above 0.5 inside.
        scores: Tensor (B, D).
        classes: Tensor (B, D), class numbers of detections, -1 in rows of
            padding.
        semantic: Tensor (B, H, W), class numbers of all classes.
        num_classes: C, of all classes.
        things: Numbers, among all classes, of those of the detections, in
            their order. The other classes are stuff.
        score_threshold: Only things whose score is at least that are drawn.
        overlap_threshold: The largest share of a mask that better ones may
            have.
        min_stuff_area: Pixels that a kind of stuff needs.
        divisor: What the class is multiplied by.

    Returns:
        Dict of int32 tensors: `"panoptic"` (B, H, W), class (of all classes)
        times `divisor` plus number of the thing in its class, from 1, or 0
        for stuff; -1 for none. `"segments"` (B, D + C), the number in the
        map of each detection and then of each class of stuff, -1 of those
        that are not in it; and `"classes"` (B, D + C), their classes (of all
        classes), or -1.

    Raises:
        ValueError: If shapes or options do not fit.

    Example:

    >>> masks = np.array([[[[1, 1, 0, 0]], [[0, 1, 1, 1]], [[1, 1, 1, 0]]]])
    >>> merged = merge_panoptic(
    ...     masks, [[0.9, 0.8, 0.7]], [[0, 0, 0]], np.zeros((1, 1, 4)),
    ...     num_classes=2, things=[1], min_stuff_area=0)
    >>> [int(x) for x in merged["panoptic"][0, 0]]
    [1001, 1001, 1002, 1002]
    >>> [int(x) for x in merged["segments"][0]]
    [1001, 1002, -1, -1, -1]

    Reference:
        Kirillov et al., Panoptic Feature Pyramid Networks, 2019; numbers as
        in detectron2.
    """
    masks, semantic = map(ops.convert_to_tensor, (masks, semantic))
    scores, classes = ops.cast(scores, "float32"), ops.cast(classes, "int32")
    _require_shapes(masks, scores, classes, semantic)
    things = require_things(things, num_classes)
    require_within(score_threshold, 0, 1, "score_threshold")
    require_within(overlap_threshold, 0, 1, "overlap_threshold")
    require_not_negative(min_stuff_area, "min_stuff_area")
    require_count(divisor, masks.shape[1] + 1, "divisor")
    masks = _inside(masks)
    # False for NaN.
    is_drawn = (classes >= 0) & (classes < len(things))
    is_drawn = ops.logical_and(is_drawn, scores >= score_threshold)
    rows = ops.clip(classes, 0, len(things) - 1)
    classes = ops.where(is_drawn, ops.take(things, rows), VOID)
    panoptic, segments = _draw_things(
        masks, scores, classes, overlap_threshold, divisor
    )
    stuff = sorted(set(range(num_classes)) - set(things))
    panoptic, found = _draw_stuff(
        panoptic, semantic, stuff, num_classes, min_stuff_area, divisor
    )
    segments = ops.concatenate([segments, found], axis=1)
    none = segments < 0
    return {
        "panoptic": panoptic,
        "segments": segments,
        "classes": ops.where(none, VOID, segments // divisor),
    }


def _inside(masks):
    dtype = keras.backend.standardize_dtype(masks.dtype)
    if dtype == "bool":
        return masks
    if dtype.startswith("uint"):  # which LiteRT does not compare
        return ops.cast(masks, "bool")
    return masks > (0.5 if keras.backend.is_float_dtype(dtype) else 0)


def _draw_things(masks, scores, classes, overlap_threshold, divisor):
    """The map (B, H, W) of things, and their numbers (B, D) in it."""
    batch, number, height, width = ops.shape(masks)
    order = ops.argsort(ops.where(classes >= 0, -scores, 1.0), axis=1)
    order = ops.cast(order, "int32")
    masks = ops.reshape(masks, (-1, height, width))
    first = ops.arange(batch, dtype="int32") * number
    places = ops.arange(number, dtype="int32")

    def draw(step, state):
        panoptic, segments = state
        row = ops.take(order, step, axis=1)
        own = ops.take_along_axis(classes, row[:, None], axis=1)
        mask = ops.take(masks, first + row, axis=0)
        free = ops.logical_and(mask, panoptic < 0)
        area, left = (
            ops.sum(ops.cast(x, "float32"), axis=(1, 2)) for x in (mask, free)
        )
        kept = area - left <= overlap_threshold * area
        kept = ops.logical_and(kept, ops.logical_and(left > 0, own[:, 0] >= 0))
        same = ops.logical_and(segments >= 0, segments // divisor == own)
        count = ops.sum(ops.cast(same, "int32"), axis=1) + 1
        value = ops.where(kept, own[:, 0] * divisor + count, VOID)
        free = ops.logical_and(free, kept[:, None, None])
        panoptic = ops.where(free, value[:, None, None], panoptic)
        is_row = places == row[:, None]
        return panoptic, ops.where(is_row, value[:, None], segments)

    empty = (
        ops.full((batch, height, width), VOID, dtype="int32"),
        ops.full((batch, number), VOID, dtype="int32"),
    )
    return ops.fori_loop(0, number, draw, empty) if number else empty


def _draw_stuff(panoptic, semantic, stuff, num_classes, min_area, divisor):
    """The map with stuff in its gaps, and the numbers of stuff, (B, C)."""
    free = panoptic < 0
    found = []
    for number in range(num_classes):
        value = number * divisor
        if number not in stuff:
            found.append(ops.full_like(panoptic[:, 0, 0], VOID))
            continue
        mask = ops.logical_and(free, semantic == number)
        area = ops.sum(ops.cast(mask, "float32"), axis=(1, 2))
        kept = ops.logical_and(area >= min_area, area > 0)
        mask = ops.logical_and(mask, kept[:, None, None])
        panoptic = ops.where(mask, value, panoptic)
        found.append(ops.cast(ops.where(kept, value, VOID), "int32"))
    return panoptic, ops.stack(found, axis=1)


def require_things(things, num_classes):
    """Raises unless things are different numbers of classes.

    Args:
        things: Numbers.
        num_classes: C.

    Returns:
        List of integers.

    Raises:
        ValueError: If there is none, one twice, or one of no class.

    Example:

    >>> require_things(np.array([3, 1]), 5)
    [3, 1]
    """
    require_count(num_classes, 1, "num_classes")
    things = [int(number) for number in things]
    numbers = set(things)
    if len(numbers) < len(things) or not numbers <= set(range(num_classes)):
        raise ValueError(
            "Expected things as different class numbers from 0 to "
            f"{num_classes - 1}, received {things}."
        )
    if not things:
        raise ValueError("Expected things, received none.")
    return things


def _require_shapes(masks, scores, classes, semantic):
    require_rank(masks.shape, 4, "masks (B, D, H, W)")
    require_rank(scores.shape, 2, "scores (B, D)")
    require_rank(classes.shape, 2, "classes (B, D)")
    require_rank(semantic.shape, 3, "semantic (B, H, W)")
    sizes = tuple(masks.shape[2:]), tuple(semantic.shape[1:])
    if any(a != b for a, b in zip(*sizes) if None not in (a, b)):
        raise ValueError(
            f"Expected masks and semantic of one size, received {sizes[0]} "
            f"and {sizes[1]} (height, width). Resize one of them."
        )
