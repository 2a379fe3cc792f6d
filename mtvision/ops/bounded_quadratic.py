"""Shortest weighted sums of gradients under lower bounds on the weights."""

from keras import ops

from mtvision.ops.active_set import descend
from mtvision.ops.compiling import compiled
from mtvision.ops.gram import cosines, machine_epsilon, product


def project_on_dual_cone(gram, weights, active):
    """The nearest sum of gradients that conflicts with no task.

    Projects the weighted sum of the gradients on the directions whose inner
    product with each gradient is 0 or more. It is the shortest sum that has
    at least the given weights.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        weights: Tensor (B, T), 0 or more: B sums to be projected.
        active: Bool tensor (T,): tasks to leave alone are False.

    Returns:
        Tensor (B, T): weights `v >= weights` that minimise `v' gram v`. In
        the type of `gram`; exact up to rounding.

    Example:

    >>> gram = np.array([[1.0, -0.5], [-0.5, 1.0]])  # the tasks conflict
    >>> v = project_on_dual_cone(gram, np.eye(2), np.array([True, True]))
    >>> [[round(float(x), 3) for x in row] for row in v]
    [[1.0, 0.5], [0.5, 1.0]]
    """
    gram = ops.convert_to_tensor(gram)
    return _compiled_projection(
        gram,
        ops.cast(weights, gram.dtype),
        ops.convert_to_tensor(active, "bool"),
    )


def _project(gram, weights, active):
    cosine, norms = cosines(gram)
    # In units of the gradients' norms, then of the largest of each row.
    lengths = weights * norms
    unit = ops.max(lengths, axis=1, keepdims=True)
    unit = ops.where(unit > 0, unit, 1.0)
    added = add_until_no_conflict(cosine, lengths / unit, active)
    return weights + added * unit / norms


def add_until_no_conflict(cosine, lengths, active):
    """What must be added to sums of unit vectors for them not to conflict.

    Args:
        cosine: Tensor (T, T), inner products of T unit vectors.
        lengths: Tensor (B, T), 0 to about 1: the sums.
        active: Bool tensor (T,).

    Returns:
        Tensor (B, T), 0 or more.
    """
    slope = product(lengths, cosine)
    noise = 8 * machine_epsilon(ops.dtype(cosine))

    def solve_on(solved):
        added = -solved[..., 0]
        help_ = -slope - product(added, cosine)
        size = 1 + ops.max(ops.abs(added), axis=1, keepdims=True)
        return added, help_, noise * size

    return descend(
        cosine, slope[..., None], ops.zeros_like(slope), active, solve_on
    )


_compiled_projection = compiled(_project)
