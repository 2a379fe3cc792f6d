"""From scores of dense predictions to a list of detections.

Detections are a dict of `"boxes"` (B, D, 4), xyxy in pixels, float32;
`"scores"` (B, D), float32; and `"classes"` (B, D), int32; by falling score.
Rows of padding have class -1, score 0 and a box of zeros. No detection has a
box without area, such as one that lies outside of the image it is cut to.
"""

import keras
from keras import ops

from mtvision.ops.boxes import box_area
from mtvision.ops.suppression import non_max_suppression


def top_candidates(scores, num_candidates):
    """The best pairs of a place and a class.

    Args:
        scores: Tensor (B, A, C): of C classes at A places.
        num_candidates: How many pairs to take, N; fewer if there are not as
            many.

    Returns:
        `(scores, places, classes)`, each (B, N), by falling score; the last
        two int32. A score of minus infinity has no place in A.

    Example:

    >>> scores = [[[0.1, 0.9], [0.7, 0.8], [0.2, 0.3]]]
    >>> best, places, classes = top_candidates(scores, 3)
    >>> [int(i) for i in places[0]], [int(i) for i in classes[0]]
    ([0, 1, 1], [1, 1, 0])
    """
    scores = ops.cast(scores, "float32")
    num_places, num_classes = scores.shape[1:]
    if num_places is None:
        # There may be fewer places; what is added is never detected.
        fill = ((0, 0), (0, num_candidates), (0, 0))
        scores = ops.pad(scores, fill, constant_values=float("-inf"))
        num_places = num_candidates
    # No pair of the best N is at a place that is not among the best N.
    num_places = min(num_places, num_candidates)
    _, places = ops.top_k(ops.max(scores, axis=-1), num_places)
    num_pairs = num_places * num_classes
    flat = ops.reshape(take_rows(scores, places), (-1, num_pairs))
    scores, pairs = ops.top_k(flat, min(num_candidates, num_pairs))
    pairs = ops.cast(pairs, "int32")
    places = ops.cast(places, "int32")
    places = ops.take_along_axis(places, pairs // num_classes, axis=1)
    return scores, places, pairs % num_classes


def suppress(
    boxes,
    scores,
    classes,
    *,
    max_detections,
    iou_threshold=0.5,
    score_threshold=None,
):
    """Detections from candidates, by non-maximum suppression.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels.
        scores: Tensor (B, N).
        classes: Integer tensor (B, N); boxes of different classes do not
            suppress each other.
        max_detections: D.
        iou_threshold: As in `non_max_suppression`.
        score_threshold: Likewise.

    Returns:
        Dict of detections, as above.

    Example:

    >>> boxes = [[[0.0, 0, 9, 9], [1, 0, 9, 9], [20, 20, 29, 29]]]
    >>> found = suppress(
    ...     boxes, [[0.7, 0.8, 0.6]], [[1, 1, 1]], max_detections=3)
    >>> [int(i) for i in found["classes"][0]]
    [1, 1, -1]
    """
    chosen = non_max_suppression(
        boxes,
        reject_empty(boxes, scores),
        max_outputs=max_detections,
        iou_threshold=iou_threshold,
        score_threshold=score_threshold,
        classes=classes,
    )
    return _take(boxes, scores, classes, chosen)


def reject_empty(boxes, scores):
    """Scores, but minus infinity where the box has no area.

    Args:
        boxes: Tensor (B, N, 4), xyxy.
        scores: Tensor (B, N).

    Returns:
        Tensor (B, N), float32.

    Example:

    >>> boxes = [[[0.0, 0, 9, 9], [9, 0, 9, 9], [9, 0, 0, 9]]]
    >>> [float(s) for s in reject_empty(boxes, [[0.5, 0.5, 0.5]])[0]]
    [0.5, -inf, -inf]
    """
    # False for NaN.
    has_area = box_area(boxes) > 0
    return ops.where(has_area, ops.cast(scores, "float32"), float("-inf"))


def take_detections(boxes, scores, classes, chosen):
    """The chosen candidates as detections.

    Args:
        boxes: Tensor (B, N, 4).
        scores: Tensor (B, N).
        classes: Tensor (B, N).
        chosen: Int tensor (B, D): indices into N, -1 for padding.

    Returns:
        Dict of detections, as above. Those without area are left out.

    Example:

    >>> boxes = [[[0.0, 0.0, 9.0, 9.0]]]
    >>> found = take_detections(boxes, [[0.7]], [[3]], [[0, -1]])
    >>> [round(float(x), 1) for x in found["scores"][0]]
    [0.7, 0.0]
    """
    chosen = ops.cast(chosen, "int32")
    real = take_rows(ops.cast(boxes, "float32"), ops.maximum(chosen, 0))
    is_real = ops.logical_and(chosen >= 0, box_area(real) > 0)
    # The real ones first, in the order that they have.
    count = ops.shape(chosen)[1]
    place = ops.arange(count, dtype="int32")
    order = ops.argsort(ops.where(is_real, place, place + count), axis=1)
    chosen = ops.where(is_real, chosen, -1)
    chosen = ops.take_along_axis(chosen, order, axis=1)
    return _take(boxes, scores, classes, chosen)


def take_rows(values, rows):
    """Picks rows of each sample.

    Args:
        values: Tensor (B, A, K).
        rows: Int tensor (B, N), indices into A.

    Returns:
        Tensor (B, N, K).

    Example:

    >>> picked = take_rows([[[1.0], [2.0], [3.0]]], [[2, 0]])
    >>> [float(x) for x in picked[0, :, 0]]
    [3.0, 1.0]
    """
    rows = ops.expand_dims(ops.cast(rows, "int32"), -1)
    values = ops.convert_to_tensor(values)
    last = ops.shape(values)[1] - 1
    return ops.take_along_axis(values, ops.minimum(rows, last), axis=1)


def detections_spec(batch, max_detections):
    """Shapes and dtypes of detections, for `compute_output_spec` of a layer:
    JAX cannot tell them for images of any size.

    Args:
        batch: B, or `None`.
        max_detections: D.

    Returns:
        Dict of `keras.KerasTensor`.

    Example:

    >>> detections_spec(None, 20)["boxes"].shape
    (None, 20, 4)
    """
    shape = (batch, max_detections)
    return {
        "boxes": keras.KerasTensor((*shape, 4), "float32"),
        "scores": keras.KerasTensor(shape, "float32"),
        "classes": keras.KerasTensor(shape, "int32"),
    }


def same_spec(detections):
    """Shapes and dtypes of what a layer gives on as it is, for its
    `compute_output_spec`.

    Args:
        detections: Dict of symbolic tensors.

    Returns:
        Dict of other `keras.KerasTensor`.

    Example:

    >>> same_spec({"scores": keras.Input((20,))})["scores"].shape
    (None, 20)
    """
    return {
        name: keras.KerasTensor(x.shape, x.dtype)
        for name, x in detections.items()
    }


def _take(boxes, scores, classes, chosen):
    chosen = ops.cast(chosen, "int32")
    is_real = chosen >= 0
    rows = ops.maximum(chosen, 0)
    boxes = take_rows(ops.cast(boxes, "float32"), rows)
    scores = ops.take_along_axis(ops.cast(scores, "float32"), rows, axis=1)
    classes = ops.take_along_axis(ops.cast(classes, "int32"), rows, axis=1)
    return {
        "boxes": ops.where(ops.expand_dims(is_real, -1), boxes, 0.0),
        "scores": ops.where(is_real, scores, 0.0),
        "classes": ops.where(is_real, classes, -1),
    }
