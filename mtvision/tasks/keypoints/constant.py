"""The best key points that do not look at the image."""

import numpy as np
from keras import ops

from mtvision.ops.keypoint_maps import draw_keypoint_maps
from mtvision.tasks.keypoints.columns import (
    count_keypoints,
    read_truth,
    split_maps,
)


def constant_keypoints(truth, *, like=None, sigma=2.0):
    """The mean place of each key point, with the frequency of the object.

    Args:
        truth: Truths of N samples in any form that `KeypointsLoss` reads.
        like: Some outputs of the model that it is to be compared with, vectors
            (B, 1 + 2 K) or maps (B, h, w, K + 4), of which only the form and
            the boxes of the cells are read; or `None` for vectors.
        sigma: Standard deviation of the peaks of maps, in cells; as that of
            `KeypointMapsLoss`.

    Returns:
        Float32 array (1 + 2 K,): a prediction, the logit of presence before
        the points; or maps (h, w, K + 4) with a peak at each point, as high
        as the object is frequent.

    Raises:
        ValueError: If `like` is no such output, or of another K.

    Example:

    >>> truth = np.array([[1, 0, 4], [1, 2, 8], [1, np.nan, 0], [0, 9, 9]])
    >>> [round(float(x), 2) for x in constant_keypoints(truth)]
    [1.1, 1.0, 6.0]
    >>> maps = mtv.tasks.KeypointMapsHead(1)(np.zeros((2, 8, 8, 4)))
    >>> constant = constant_keypoints(truth, like=maps)
    >>> found = mtv.tasks.DecodeKeypoints()(constant[None])
    >>> [round(float(x), 2) for x in found["keypoints"][0, 0]]
    [1.0, 6.0, 1.0]
    """
    read = map(ops.convert_to_numpy, read_truth(truth))
    points, given, _, present, known = read
    counts = np.maximum(given.sum(axis=0), 1)[:, None]
    means = np.where(given[..., None], points, 0).sum(axis=0) / counts
    rate = present[known].mean() if known.any() else 0.5
    rate = np.clip(rate, 1e-3, 1 - 1e-3)
    if like is not None:
        _require_number(like, len(means))
        if len(like.shape) == 4:
            return _as_maps(means, rate, like, sigma)
    logit = [np.log(rate / (1 - rate))]
    return np.concatenate([logit, means.ravel()]).astype("float32")


def _require_number(like, expected):
    number = count_keypoints(like, "constant_keypoints")
    if number != expected:
        raise ValueError(
            f"Expected like as outputs for {expected} key points, as the truth "
            f"has, received some for {number}, of shape {tuple(like.shape)}."
        )


def _as_maps(points, rate, like, sigma):
    """Maps (h, w, K + 4) whose highest cells have the height of the rate."""
    like = ops.convert_to_tensor(like)[:1]
    values, start, step = split_maps(like)
    places = (ops.convert_to_tensor(points[None], "float32") - start) / step
    drawn = draw_keypoint_maps(places, values.shape[1:3], sigma=sigma)
    highest = ops.max(drawn, axis=(1, 2), keepdims=True)
    drawn = float(rate) * drawn / ops.maximum(highest, 1e-9)
    cells = ops.cast(like[..., -4:], "float32")
    maps = ops.concatenate([drawn, cells], axis=-1)
    return ops.convert_to_numpy(maps[0]).astype("float32")
