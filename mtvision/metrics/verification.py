"""How well distances tell pairs of one identity from pairs of two."""

import dataclasses

import numpy as np

from mtvision.ops.arrays import as_array
from mtvision.ops.option_checks import require_list, require_within


@dataclasses.dataclass(frozen=True)
class VerificationReport:
    """What verification reaches, at every threshold of the distance.

    A pair is accepted if its distance is at most the threshold.

    Attributes:
        thresholds: Array (N,), rising; the first is -inf, nothing accepted.
        false_accepts: Array (N,): share of the pairs of two identities that
            is accepted.
        true_accepts: Array (N,): share of the pairs of one that is.
        auc: Area under true over false accepts; 0.5 by chance.
        eer: Equal error rate, where as many strangers are accepted as
            equals are rejected.
        eer_threshold: The threshold that comes next to it.
        true_accepts_at: Dict from a share of false accepts to the largest
            share of true accepts with no more of them. With fewer pairs than
            its inverse it is that without any false accept.
        num_same: Pairs of one identity.
        num_different: Pairs of two.

    Example:

    >>> report = mtv.metrics.verification_report([0.1, 0.9], [1, 0])
    >>> report.num_same, report.num_different, report.auc
    (1, 1, 1.0)
    """

    thresholds: np.ndarray
    false_accepts: np.ndarray
    true_accepts: np.ndarray
    auc: float
    eer: float
    eer_threshold: float
    true_accepts_at: dict
    num_same: int
    num_different: int


def verification_report(distances, same, *, false_accepts=(0.001, 0.01, 0.1)):
    """ROC, equal error rate and true accepts at given false accepts.

    Args:
        distances: Array (N,) or (N, 1), small for what is the same.
        same: Array (N,) or (N, 1): 1 for pairs of one identity, 0 for pairs
            of two, -1 or NaN for pairs that do not count.
        false_accepts: List of shares, from 0 to 1.

    Returns:
        `VerificationReport`.

    Raises:
        ValueError: If shapes differ, a distance is NaN, a label is anything
            else, there is no pair of a kind, or an option is out of range.

    Example:

    >>> report = verification_report([0.1, 0.2, 0.3, 0.9], [1, 1, 0, 0])
    >>> report.auc, report.eer
    (1.0, 0.0)
    >>> report = verification_report([0.1, 0.4, 0.3, 0.9], [1, 1, 0, 0])
    >>> report.eer, report.true_accepts_at[0.001]
    (0.5, 0.5)

    Reference:
        The curve is scikit-learn's `roc_curve`.
    """
    from sklearn.metrics import auc, roc_curve

    require_list(false_accepts, 0, "false_accepts")
    for share in false_accepts:
        require_within(share, 0, 1, "false_accepts")
    distances, same = _known_pairs(distances, same)
    _require_both(same)
    false, true, scores = roc_curve(same, -distances, drop_intermediate=False)
    thresholds = -scores
    eer, at = _equal_error(false, true)
    return VerificationReport(
        thresholds=thresholds,
        false_accepts=false,
        true_accepts=true,
        auc=float(auc(false, true)),
        eer=eer,
        eer_threshold=float(thresholds[at]),
        true_accepts_at={x: float(true[false <= x][-1]) for x in false_accepts},
        num_same=int(same.sum()),
        num_different=int((~same).sum()),
    )


def verification_accuracy(distances, same, threshold):
    """Share of the pairs that a threshold judges as they are.

    Args:
        distances: As for `verification_report`.
        same: Likewise.
        threshold: The largest distance that is accepted.

    Returns:
        Float.

    Raises:
        ValueError: As for `verification_report`, but one kind of pairs is
            enough.

    Example:

    >>> verification_accuracy([0.1, 0.2, 0.3, 0.9], [1, 0, 0, 0], 0.25)
    0.75
    """
    distances, same = _known_pairs(distances, same)
    if not len(same):
        raise ValueError("Expected pairs with a label, received none.")
    return float(np.mean((distances <= threshold) == same))


def choose_threshold(distances, same, *, false_accept_rate=None):
    """The threshold to use, by pairs that are not those of the test.

    Args:
        distances: As for `verification_report`.
        same: Likewise.
        false_accept_rate: `None` for the threshold that judges most pairs as
            they are; or a share: the most generous threshold that accepts no
            more of the pairs of two identities.

    Returns:
        Float: half-way to the next distance that is not accepted; below all
        distances, and so below 0 if one is 0, where none should be accepted.

    Raises:
        ValueError: As for `verification_report`.

    Example:

    >>> choose_threshold([0.1, 0.2, 0.4, 0.9], [1, 1, 0, 0])
    0.30000000000000004
    """
    report = verification_report(distances, same, false_accepts=())
    if false_accept_rate is None:
        rejected = 1 - report.false_accepts
        right = report.num_same * report.true_accepts
        best = int(np.argmax(right + report.num_different * rejected))
    else:
        require_within(false_accept_rate, 0, 1, "false_accept_rate")
        allowed = report.false_accepts <= false_accept_rate
        best = int(np.flatnonzero(allowed)[-1])
    return _half_way(report.thresholds, best)


def all_pairs(embeddings, identities):
    """Squared distances of all pairs of embeddings.

    Args:
        embeddings: Array (N, D).
        identities: Array (N,) of whole numbers, negative or NaN where not
            known.

    Returns:
        `(distances, same)`: arrays (N (N - 1) / 2,), `same` int32 and -1
        where an identity is not known.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

    >>> distances, same = all_pairs([[0.0], [1.0], [3.0]], [7, 7, 8])
    >>> distances.tolist(), same.tolist()
    ([1.0, 9.0, 4.0], [1, 0, 0])
    """
    embeddings = np.asarray(as_array(embeddings), "float64")
    identities = as_array(identities).reshape(-1)
    if embeddings.ndim != 2 or len(embeddings) != len(identities):
        raise ValueError(
            "Expected embeddings (N, D) and N identities, received the shapes "
            f"{embeddings.shape} and {identities.shape}."
        )
    first, second = np.triu_indices(len(embeddings), 1)
    distances = [
        np.square(embeddings[k + 1 :] - embeddings[k]).sum(axis=1)
        for k in range(len(embeddings))
    ]
    same = (identities[first] == identities[second]).astype("int32")
    known = identities >= 0  # False for NaN, too.
    same[~(known[first] & known[second])] = -1
    return np.concatenate(distances or [np.zeros(0)]), same


def _known_pairs(distances, same):
    """Distances float64 and booleans, of the pairs with a label."""
    distances, same = (
        np.asarray(as_array(x), "float64") for x in (distances, same)
    )
    shapes = distances.shape, same.shape
    if any(len(s) not in (1, 2) or s[1:] not in ((), (1,)) for s in shapes):
        raise ValueError(
            "Expected distances and labels (N,) or (N, 1), received the "
            f"shapes {shapes[0]} and {shapes[1]}."
        )
    distances, same = distances.reshape(-1), same.reshape(-1)
    if len(distances) != len(same):
        raise ValueError(
            f"Expected one label a distance, received {len(distances)} "
            f"distances and {len(same)} labels."
        )
    wrong = ~(np.isin(same, (-1, 0, 1)) | np.isnan(same))
    if wrong.any():
        raise ValueError(
            f"Pair {int(np.argmax(wrong))} has the label {same[wrong][0]:g}, "
            "expected 1 for one identity, 0 for two, -1 if not known."
        )
    known = same >= 0
    distances, same = distances[known], same[known] == 1
    if not np.isfinite(distances).all():
        raise ValueError(
            f"{int((~np.isfinite(distances)).sum())} of the distances are NaN "
            "or infinite. Look at the embeddings that they come from."
        )
    return distances, same


def _require_both(same):
    for kind, number in (("one identity", same), ("two identities", ~same)):
        if not number.any():
            raise ValueError(
                f"Expected pairs of both kinds, received none of {kind} among "
                f"{len(same)} with a label."
            )


def _equal_error(false, true):
    """The rate where the curves cross, and the point next to it."""
    gap = false - (1 - true)
    after = int(np.argmax(gap >= 0))
    before = max(after - 1, 0)
    step = gap[after] - gap[before]
    share = -gap[before] / step if step > 0 else 0.0
    eer = false[before] + share * (false[after] - false[before])
    nearest = before if before > 0 and -gap[before] < gap[after] else after
    return float(eer), nearest


def _half_way(thresholds, best):
    """Between a threshold and the next; beyond all at either end."""
    if best == 0:
        return float(np.nextafter(thresholds[1], -np.inf))
    if best == len(thresholds) - 1:
        return float(thresholds[-1])
    return float((thresholds[best] + thresholds[best + 1]) / 2)
