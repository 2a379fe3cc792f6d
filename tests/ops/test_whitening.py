import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from mtvision.ops.whitening import within_class_whitening

RNG = np.random.default_rng(0)
CLASSES = np.repeat(np.arange(5), 8)
FEATURES = RNG.normal(size=(5, 4))[CLASSES] * 3 + RNG.normal(size=(40, 4))


def white(features, **options):
    mean, matrix = within_class_whitening(features, CLASSES, **options)
    return (features - mean) @ matrix


def test_distances_are_those_of_mahalanobis():
    lda = LinearDiscriminantAnalysis(store_covariance=True)
    covariance = lda.fit(FEATURES, CLASSES).covariance_ * 40 / (40 - 5)
    inverse = np.linalg.inv(covariance)
    expected = cdist(FEATURES, FEATURES, "mahalanobis", VI=inverse)
    found = white(FEATURES, ridge=0)
    np.testing.assert_allclose(cdist(found, found), expected, atol=1e-9)


def test_a_linear_map_before_changes_no_distance():
    mixed = FEATURES @ RNG.normal(size=(4, 4)) + 7
    one, two = white(FEATURES, ridge=0), white(mixed, ridge=0)
    np.testing.assert_allclose(cdist(one, one), cdist(two, two), atol=1e-6)


def test_a_large_ridge_leaves_distances_as_they_are():
    found = cdist(*[white(FEATURES, ridge=1e9)] * 2)
    expected = cdist(FEATURES, FEATURES)
    scale = found.max() / expected.max()
    np.testing.assert_allclose(found, scale * expected, rtol=1e-6)


def test_rows_without_a_class_do_not_count():
    features = np.concatenate([FEATURES, [[np.nan] * 4, [1e6] * 4]])
    found = within_class_whitening(features, [*CLASSES, -1, np.nan])
    for one, two in zip(found, within_class_whitening(FEATURES, CLASSES)):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("features", "classes", "ridge", "message"),
    [
        (FEATURES, CLASSES[1:], 0.1, r"shapes \(40, 4\) and \(39,\)"),
        (FEATURES, np.arange(40), 0.1, "40 samples of 40 classes"),
        (FEATURES, -CLASSES - 1, 0.1, "0 samples of 0 classes"),
        (np.where(np.eye(40, 4), np.inf, 0), CLASSES, 0.1, "of sample 0"),
        (np.ones((40, 4)), CLASSES, 0.1, "do not differ"),
        (FEATURES[:, [0, 0]], CLASSES, 0, "ridge above 0"),
        (FEATURES, CLASSES, -1, "ridge"),
    ],
)
def test_what_makes_no_sense(features, classes, ridge, message):
    with pytest.raises(ValueError, match=message):
        within_class_whitening(features, classes, ridge=ridge)
