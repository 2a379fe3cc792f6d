"""The best localization that does not look at the image."""

import numpy as np


def constant_localization(truth, num_classes=0):
    """The mean box, with the frequencies of objects and classes as logits.

    Args:
        truth: Truths (N, 5 + C), (N, 5) or (N, 6), or (N, K, ...) for K
            objects: `[p, x1, y1, x2, y2, classes]`, the classes one-hot or as
            one index; p is NaN where the label is missing.
        num_classes: Number of classes C.

    Returns:
        Float32 array (5 + C,), or (K, 5 + C) for K objects: a prediction.

    Example:

    >>> truth = np.array([[1, 0, 0, 4, 4], [1, 2, 2, 8, 8], [0, 0, 0, 0, 0]])
    >>> [round(float(x), 2) for x in constant_localization(truth)]
    [0.69, 1.0, 1.0, 6.0, 6.0]
    """
    truth = np.asarray(truth, "float32")
    if truth.ndim == 3:
        objects = np.moveaxis(truth, 1, 0)
        return np.stack(
            [constant_localization(t, num_classes) for t in objects]
        )
    truth = truth[np.isfinite(truth[:, 0])]
    present = truth[:, 0] > 0.5
    rate = np.clip(present.sum() / max(len(present), 1), 1e-3, 1 - 1e-3)
    boxes = truth[present, 1:5]
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    box = boxes.mean(axis=0) if len(boxes) else np.zeros(4)
    classes = truth[present, 5:]
    if classes.shape[1] == 1 and num_classes > 1:
        classes = np.eye(num_classes)[classes[classes >= 0].astype(int)]
    share = classes.sum(axis=0) / max(len(classes), 1)
    frequency = np.log(np.maximum(share, 1e-3))
    parts = [[np.log(rate / (1 - rate))], box, frequency[:num_classes]]
    return np.concatenate(parts).astype("float32")
