"""Distances that count least what differs within a class."""

import numpy as np

from mtvision.ops.option_checks import require_not_negative


def within_class_whitening(features, classes, *, ridge=0.05):
    """The linear map after which classes spread alike in all directions.

    `(features - mean) @ matrix` has within its classes the covariance 1, but
    for the ridge. Squared distances are then those of Mahalanobis: what
    changes from sample to sample of a class counts little, what never changes
    within a class counts much.

    Args:
        features: Array (N, D).
        classes: Whole numbers (N,); rows with -1 or NaN do not count.
        ridge: Added to the covariance along each direction, as a share of the
            mean variance of a feature. Without it, directions in which few
            samples do not differ by chance would count most.

    Returns:
        `(mean, matrix)`: float64 arrays (D,) and (D, D).

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, no class
            has two samples, or the covariance has no inverse.

    Example:

    >>> features = [[0.0, 1.0], [2.0, 1.2], [0.0, 5.0], [2.0, 5.2]]
    >>> mean, matrix = within_class_whitening(features, [0, 0, 1, 1])
    >>> white = (features - mean) @ matrix
    >>> squares = np.square(white - white[0]).sum(axis=1)
    >>> bool(squares[1] < squares[2])
    True

    Reference:
        Hatch et al., Within-Class Covariance Normalization for SVM-Based
        Speaker Recognition, 2006.
    """
    require_not_negative(ridge, "ridge")
    features, classes = _known_rows(features, classes)
    numbers, rows = np.unique(classes, return_inverse=True)
    if len(numbers) == len(classes):
        raise ValueError(
            "Expected classes with two samples or more, to see how those of "
            f"one differ; received {len(classes)} samples of {len(numbers)} "
            "classes."
        )
    means = np.stack([features[rows == k].mean(axis=0) for k in set(rows)])
    rest = features - means[rows]
    covariance = rest.T @ rest / (len(rest) - len(numbers))
    covariance += ridge * features.var(axis=0).mean() * np.eye(rest.shape[1])
    return features.mean(axis=0), _inverse_root(covariance)


def _known_rows(features, classes):
    features = np.asarray(features, "float64")
    classes = np.asarray(classes, "float64").reshape(-1)
    if features.ndim != 2 or len(features) != len(classes):
        raise ValueError(
            "Expected features (N, D) and N classes, received the shapes "
            f"{features.shape} and {classes.shape}."
        )
    known = classes >= 0
    wrong = ~np.isfinite(features[known]).all(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(known)[wrong][0])
        raise ValueError(
            f"Expected finite features; those of sample {row} hold a NaN or "
            "an infinity."
        )
    return features[known], classes[known]


def _inverse_root(covariance):
    values, directions = np.linalg.eigh(covariance)
    if values[0] <= values[-1] * 1e-12:
        raise ValueError(
            "Samples of a class do not differ in some direction, which would "
            "count without end. Pass a ridge above 0, and features that are "
            "not all the same."
        )
    return directions / np.sqrt(values)
