"""Anchor sizes that fit the boxes of a data set."""

import numpy as np

from mtvision.ops.option_checks import require_count

_MAX_STEPS = 100


def cluster_anchors(sizes, num_anchors, *, seed=0):
    """Anchor sizes by k-means, with the distance 1 - IoU.

    Sizes are compared as boxes of one centre, so that large boxes do not
    outweigh small ones. Anchors start from the data, far from each other
    (k-means++), and every anchor is the nearest one of some box.

    Sizes must be in pixels of the model's input: take them from the batches
    that it is trained on.

    Args:
        sizes: Array (N, 2), widths and heights; or boxes (N, 4), xyxy. Rows
            that are NaN or without area, such as padding, are left out.
        num_anchors: K.
        seed: Seed of the draws. The same data and seed give the same anchors.

    Returns:
        Array (K, 2), float32, by rising area.

    Raises:
        ValueError: If there are fewer than K different sizes.

    Example:

    >>> source = [
    ...     {"image": np.full((64, 64, 3), 90, "uint8"),
    ...      "boxes": np.array([[0, 0, w, h]]), "classes": np.array([0])}
    ...     for w, h in [(8, 8), (9, 8), (10, 8), (44, 20)]
    ... ]
    >>> train = mtv.data.Batches(
    ...     source, {"boxes": {"boxes": "boxes", "classes": "classes"}},
    ...     image_size=64, max_objects=2, batch_size=2)
    >>> boxes = [y["boxes"]["boxes"].reshape(-1, 4) for _, y, *_ in train]
    >>> cluster_anchors(np.concatenate(boxes), 2).tolist()
    [[9.0, 8.0], [44.0, 20.0]]

    Reference:
        Redmon and Farhadi, YOLO9000, 2017, section 2.
    """
    require_count(num_anchors, 1, "num_anchors")
    sizes = _read_sizes(sizes)
    distinct = len(np.unique(sizes, axis=0))
    if distinct < num_anchors:
        raise ValueError(
            f"Expected at least {num_anchors} different sizes to make "
            f"{num_anchors} anchors of, received {distinct}. Give more boxes "
            "or ask for fewer anchors."
        )
    anchors = _start(sizes, num_anchors, np.random.default_rng(seed))
    best, least = anchors, np.inf
    previous = None
    for _ in range(_MAX_STEPS):
        distances = _distances(sizes, anchors)
        nearest = distances.argmin(axis=1)
        # A mean may move away from all sizes; the start never is.
        if len(np.unique(nearest)) < num_anchors:
            break
        # The mean is not the point of least 1 - IoU: a step may lose.
        if distances.min(axis=1).mean() < least:
            best, least = anchors, distances.min(axis=1).mean()
        if previous is not None and (nearest == previous).all():
            break
        previous = nearest
        anchors = np.stack(
            [sizes[nearest == k].mean(axis=0) for k in range(num_anchors)]
        )
    return best[np.argsort(best.prod(axis=1))].astype("float32")


def mean_anchor_iou(sizes, anchors):
    """How well anchors fit: mean over the sizes of the best anchor's IoU.

    Args:
        sizes: As for `cluster_anchors`.
        anchors: Array (K, 2), widths and heights.

    Returns:
        Float from 0 to 1.

    Raises:
        ValueError: If there is no size.

    Example:

    >>> mean_anchor_iou([[10, 10], [10, 20]], [[10, 10]])
    0.75
    """
    distances = _distances(_read_sizes(sizes), np.asarray(anchors, "float64"))
    return float(1 - distances.min(axis=1).mean())


def _read_sizes(sizes):
    sizes = np.asarray(sizes, "float64")
    if sizes.ndim != 2 or sizes.shape[1] not in (2, 4):
        raise ValueError(
            "Expected sizes (N, 2) or boxes (N, 4), received shape "
            f"{sizes.shape}."
        )
    if sizes.shape[1] == 4:
        sizes = sizes[:, 2:] - sizes[:, :2]
    sizes = sizes[np.isfinite(sizes).all(axis=1) & (sizes > 0).all(axis=1)]
    if not len(sizes):
        raise ValueError("Expected boxes to fit anchors to, received none.")
    return sizes


def _start(sizes, number, generator):
    chosen = sizes[generator.integers(len(sizes))][None]
    while len(chosen) < number:
        weights = _distances(sizes, chosen).min(axis=1) ** 2
        index = generator.choice(len(sizes), p=weights / weights.sum())
        chosen = np.concatenate([chosen, sizes[index][None]])
    return chosen


def _distances(sizes, anchors):
    """1 - IoU of sizes (N, 2) and anchors (K, 2): (N, K)."""
    common = np.minimum(sizes[:, None], anchors[None]).prod(axis=-1)
    union = sizes.prod(axis=1)[:, None] + anchors.prod(axis=1)[None] - common
    return 1 - common / union
