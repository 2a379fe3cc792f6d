"""Means, intervals, ranks and tests of results over a few seeds."""

import math
import statistics

import numpy as np


def mean_and_interval(values, *, confidence=0.95):
    """Mean of a few values, and the half width of its confidence interval.

    Student's t interval: right for values that scatter normally, however few
    they are.

    Args:
        values: List of N finite numbers, such as one result a seed.
        confidence: Share of such intervals that hold the true mean.

    Returns:
        Mean, and half width; `None` for the width of a single value, of which
        the scatter is not known.

    Raises:
        ValueError: If there is no value, or one is not finite.

    Example:

    >>> mean, half = mean_and_interval([1.0, 2.0, 3.0])
    >>> round(mean, 3), round(half, 3)
    (2.0, 2.484)

    Reference:
        Student, The Probable Error of a Mean, 1908.
    """
    from scipy import stats

    _require_finite(values)
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, None
    error = statistics.stdev(values) / math.sqrt(len(values))
    quantile = stats.t.ppf((1 + confidence) / 2, len(values) - 1)
    return mean, float(quantile * error)


def mean_ranks(table, directions):
    """Mean rank of each method over several measures; 1 is the best.

    Methods that are equal in a measure share the mean of their places.

    Args:
        table: N lists, one for each method, of K numbers.
        directions: For each measure `"maximize"` or `"minimize"`.

    Returns:
        List of N floats from 1 to N.

    Raises:
        ValueError: If a number is not finite.

    Example:

    >>> mean_ranks([[0.9, 3.0], [0.8, 3.0]], ["maximize", "minimize"])
    [1.25, 1.75]
    """
    from scipy import stats

    _require_finite(np.ravel(table))
    signs = [-1 if each == "maximize" else 1 for each in directions]
    ranks = stats.rankdata(np.multiply(table, signs), axis=0)
    return ranks.mean(axis=-1).tolist()


def paired_t_test(a, b):
    """Whether two methods differ, by results on the same seeds.

    Args:
        a: List of N finite numbers, two at least.
        b: As many, of the same seeds.

    Returns:
        Float: chance of a mean difference as large as this, or larger, if the
        methods were equal (two-sided). 1 if there is no difference at all;
        NaN if all are the same one, for without scatter there is no test.

    Raises:
        ValueError: If they are not as many, fewer than two, or not finite.

    Example:

    >>> round(paired_t_test([1.0, 2.0, 3.0], [1.5, 2.3, 3.4]), 3)
    0.02

    Reference:
        Student, The Probable Error of a Mean, 1908.
    """
    from scipy import stats

    _require_finite([*a, *b])
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            "Expected results of the same seeds, two at least, received "
            f"{len(a)} and {len(b)}. Train both methods on more seeds."
        )
    differences = np.subtract(a, b)
    if np.ptp(differences) == 0:  # scipy would give NaN, or a warning
        return math.nan if differences[0] else 1.0
    return float(stats.ttest_rel(a, b).pvalue)


def holm(p_values):
    """Corrects the p-values of several tests for their number.

    The chance that one or more of the tests that fall below a level do so by
    luck is then at most that level.

    Args:
        p_values: List of K numbers from 0 to 1.

    Returns:
        List of K numbers in the same order, none smaller, 1 at most.

    Example:

    >>> holm([0.01, 0.5, 0.04])
    [0.03, 0.5, 0.08]

    Reference:
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979.
    """
    corrected, least = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for place, index in enumerate(order):
        factor = len(p_values) - place
        least = max(least, min(1.0, factor * p_values[index]))
        corrected[index] = least
    return corrected


def _require_finite(values):
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(
            "Expected finite numbers, at least one, received "
            f"{[float(value) for value in values]}. Leave out runs that failed."
        )
