import numpy as np
import pytest
from sklearn.svm import LinearSVC

from mtvision.models.linear_fits import LENGTH, fit_ridges, fit_svms
from mtvision.models.region_samples import RegionSamples


def samples(number=600, columns=6, num_classes=3, seed=0):
    """Overlapping clouds, one a class, in a larger one of background."""
    random = np.random.default_rng(seed)
    classes = random.integers(-1, num_classes, number)
    classes[random.uniform(size=number) < 0.7] = -1
    features = random.normal(size=(number, columns))
    features[:, :num_classes] += 2.0 * (
        classes[:, None] == np.arange(num_classes)
    )
    negative = classes[:, None] != np.arange(num_classes)
    # Some are neither.
    negative[::7] = False
    near = random.integers(0, 2, 50)
    pooled = random.normal(size=(50, 8)).astype("float32")
    deltas = pooled[:, :4] * (1 + near[:, None]) + 0.5
    return RegionSamples(
        features.astype("float32"), classes, negative, pooled, deltas, near
    )


def margins(given, **options):
    kernel, offset = fit_svms(given, **options)
    return given.features @ kernel + offset


def test_what_is_mined_is_the_machine_of_all_negatives():
    given = samples()
    scale = LENGTH / np.linalg.norm(given.features, axis=1).mean()
    expected = []
    for number in range(3):
        positive = given.classes == number
        chosen = positive | given.negative[:, number]
        machine = LinearSVC(
            C=0.01,
            loss="hinge",
            class_weight={1: 2.0},
            intercept_scaling=10.0,
            random_state=0,
            max_iter=100_000,
        )
        machine.fit(given.features[chosen] * scale, positive[chosen])
        expected.append(machine.decision_function(given.features * scale))
    expected = np.stack(expected, axis=1)
    for first in (10_000, 30):
        found = margins(given, penalty=0.01, first=first, rounds=50)
        np.testing.assert_allclose(found, expected, atol=0.05)
    # With as few and no further round, it is another.
    poor = margins(given, penalty=0.01, first=30, rounds=1)
    assert np.abs(poor - expected).max() > 0.1


def test_the_scale_of_the_features_does_not_matter():
    given = samples()
    large = given._replace(features=given.features * 50)
    np.testing.assert_allclose(margins(given), margins(large), atol=0.05)


def test_margins_tell_the_classes_apart():
    given = samples()
    found = margins(given, penalty=0.01)
    for number in range(3):
        own = found[given.classes == number, number]
        others = found[given.negative[:, number], number]
        assert np.median(own) > np.quantile(others, 0.95)


def test_a_class_that_is_not_there_is_told_and_never_found():
    given = samples()
    given = given._replace(classes=np.where(given.classes == 1, -1, 0))
    with pytest.warns(UserWarning, match=r"classes \[1, 2\]"):
        kernel, offset = fit_svms(given)
    assert not kernel[:, 1:].any()
    assert (offset[1:] < -5).all()


@pytest.mark.parametrize(
    "wrong",
    [{"rounds": 0}, {"first": 0}, {"penalty": 0.0}, {"seed": -1}],
)
def test_options_out_of_range_are_told(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=rf"svms\['{name}'\]"):
        fit_svms(samples(), **wrong)
    if name == "penalty":
        with pytest.raises(ValueError, match=r"ridges\['penalty'\]"):
            fit_ridges(samples(), 3, **wrong)


def test_ridges_solve_the_normal_equations():
    given = samples()
    kernel, offset = fit_ridges(given, 3, penalty=30.0)
    assert kernel.shape == (8, 12)
    scale = LENGTH / np.linalg.norm(given.pooled, axis=1).mean()
    for number in range(2):
        rows = given.near == number
        x = given.pooled[rows].astype("float64") * scale
        y = given.deltas[rows]
        centred = x - x.mean(axis=0)
        left = centred.T @ centred + 30.0 * np.eye(8)
        weights = np.linalg.solve(left, centred.T @ (y - y.mean(axis=0)))
        expected = centred @ weights + y.mean(axis=0)
        columns = slice(4 * number, 4 * number + 4)
        found = given.pooled[rows] @ kernel[:, columns] + offset[columns]
        np.testing.assert_allclose(found, expected, atol=1e-3)
    # No region is near an object of the last.
    assert not kernel[:, 8:].any()
    assert not offset[8:].any()
