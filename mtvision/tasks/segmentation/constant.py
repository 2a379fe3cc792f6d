"""The best segmentation that does not look at the image."""

import numpy as np


def constant_segmentation(maps, num_classes):
    """Logits of each pixel's class frequencies.

    Args:
        maps: Class maps (N, H, W); classes beyond C and negative ones are
            unlabelled.
        num_classes: Number of classes C.

    Returns:
        Float32 array (H, W, C).

    Example:

    >>> maps = np.array([[[0, 1]], [[0, 1]], [[1, 255]]])
    >>> constant_segmentation(maps, 2).argmax(-1).tolist()
    [[0, 1]]
    """
    maps = np.asarray(maps)
    counts = np.stack(
        [(maps == c).sum(axis=0) for c in range(num_classes)], axis=-1
    )
    share = np.maximum(counts, 1e-3) / np.maximum(
        counts.sum(axis=-1, keepdims=True), 1
    )
    return np.log(share).astype("float32")
