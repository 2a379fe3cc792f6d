"""Support vector machines and ridge regression, as weights of dense layers."""

import warnings

import numpy as np

from mtvision.ops.option_checks import require_above_zero, require_count

# Of the paper's code: features are scaled to this mean length, so that the
# same penalties suit all trunks; positives count twice; the offset is hardly
# penalized.
LENGTH = 20.0
POSITIVE_WEIGHT = 2.0
OFFSET_SCALE = 10.0
# What follows a class without any object: its score is that of margin -10.
NEVER = -10.0
# The margin is wrong or uncertain from here on, so that the row matters.
HARD = -1.0


def svm_options(*, penalty=1e-3, first=5000, rounds=10, seed=0):
    """The options of `fit_svms`, checked before much is computed for it.

    Args:
        penalty: Of errors, the paper's C.
        first: Negatives to begin with, and to join at most in a round.
        rounds: Rounds at most.
        seed: Of the draw, and of the solver's order.

    Returns:
        Dict of all options.

    Raises:
        ValueError: If one is out of range.

    Example:

    >>> svm_options(rounds=3)
    {'penalty': 0.001, 'first': 5000, 'rounds': 3, 'seed': 0}
    """
    require_above_zero(penalty, "svms['penalty']")
    require_count(first, 1, "svms['first']")
    require_count(rounds, 1, "svms['rounds']")
    require_count(seed, 0, "svms['seed']")
    return {"penalty": penalty, "first": first, "rounds": rounds, "seed": seed}


def ridge_options(*, penalty=1000.0):
    """The options of `fit_ridges`, checked.

    Args:
        penalty: Of squared weights, the paper's lambda.

    Returns:
        Dict of all options.

    Raises:
        ValueError: If it is not above 0.

    Example:

    >>> ridge_options()
    {'penalty': 1000.0}
    """
    require_above_zero(penalty, "ridges['penalty']")
    return {"penalty": penalty}


def fit_svms(samples, **options):
    """One linear support vector machine a class.

    Objects of the class are the positives, regions that hardly overlap them
    the negatives. Each begins with some of the negatives, drawn at random;
    then those of the others that it does not get right with a margin join
    them, until there are none: the machine of all negatives, without ever
    computing with all of them at once.

    Args:
        samples: `RegionSamples`.
        **options: Arguments of `svm_options`.

    Returns:
        `(kernel, offset)`: arrays (D, C) and (C,): margins are
        `features @ kernel + offset`.

    Raises:
        ValueError: If an option is out of range.

    Reference:
        Girshick et al., R-CNN, 2014.
    """
    options = svm_options(**options)
    features = samples.features
    scale = LENGTH / max(_mean_length(features), 1e-12)
    count = samples.negative.shape[1]
    kernel = np.zeros((features.shape[1], count), "float32")
    offset = np.full(count, NEVER, "float32")
    lost = []
    for number in range(count):
        positive = features[samples.classes == number] * scale
        negative = np.flatnonzero(samples.negative[:, number])
        if not len(positive) or not len(negative):
            lost.append(number)
            continue
        machine = _Mined(features, negative, scale, **options).fit(positive)
        kernel[:, number] = machine.coef_[0] * scale
        offset[number] = machine.intercept_[0]
    if lost:
        warnings.warn(
            f"No region shows an object of the classes {lost}, or none shows "
            "something else. They will hardly ever be found.",
            stacklevel=3,
        )
    return kernel, offset


def fit_ridges(samples, num_classes, **options):
    """One ridge regression a class, from regions near objects to deltas.

    Args:
        samples: `RegionSamples`.
        num_classes: C.
        **options: Arguments of `ridge_options`.

    Returns:
        `(kernel, offset)`: arrays (E, 4 C) and (4 C,), of zeros for a class
        without regions near an object.

    Raises:
        ValueError: If an option is out of range.

    Reference:
        Girshick et al., R-CNN, 2014, appendix C.
    """
    from sklearn.linear_model import Ridge

    penalty = ridge_options(**options)["penalty"]
    pooled = samples.pooled
    kernel = np.zeros((pooled.shape[1], num_classes, 4), "float32")
    offset = np.zeros((num_classes, 4), "float32")
    scale = LENGTH / max(_mean_length(pooled), 1e-12)
    for number in range(num_classes):
        rows = samples.near == number
        if rows.any():
            ridge = Ridge(alpha=penalty)
            ridge.fit(pooled[rows] * scale, samples.deltas[rows])
            kernel[:, number] = ridge.coef_.T * scale
            offset[number] = ridge.intercept_
    return kernel.reshape(pooled.shape[1], -1), offset.reshape(-1)


class _Mined:
    """The negatives of a class, of which the hard ones are looked for."""

    def __init__(self, features, rows, scale, *, penalty, first, rounds, seed):
        self.features, self.rows, self.scale = features, rows, scale
        self.penalty, self.first = penalty, first
        self.rounds, self.seed = rounds, seed
        order = np.random.default_rng(seed).permutation(len(rows))
        self.chosen = np.zeros(len(rows), bool)
        self.chosen[order[:first]] = True

    def fit(self, positive):
        """A `sklearn.svm.LinearSVC`."""
        from sklearn.svm import LinearSVC

        machine = LinearSVC(
            C=self.penalty,
            loss="hinge",
            class_weight={1: POSITIVE_WEIGHT},
            intercept_scaling=OFFSET_SCALE,
            random_state=self.seed,
            max_iter=10_000,
        )
        for _ in range(self.rounds):
            negative = self._take(self.rows[self.chosen])
            labels = np.repeat([1, 0], [len(positive), len(negative)])
            machine.fit(np.concatenate([positive, negative]), labels)
            if not self._join_hard(machine):
                break
        return machine

    def _join_hard(self, machine):
        """Whether further negatives matter to a machine."""
        margins = self._take(self.rows) @ machine.coef_[0].astype("float32")
        margins = margins + machine.intercept_[0]
        margins[self.chosen] = -np.inf
        hardest = np.argsort(-margins)[: self.first]
        self.chosen[hardest[margins[hardest] > HARD]] = True
        return bool((margins > HARD).any())

    def _take(self, rows):
        return self.features[rows] * self.scale


def _mean_length(rows):
    return float(np.linalg.norm(rows, axis=1).mean()) if len(rows) else 0.0
