"""Convex problems over x >= 0, by the set of numbers that are above 0."""

from keras import ops

from mtvision.ops.gram import machine_epsilon


def descend(matrix, columns, start, allowed, solve_on):
    """Minimises convex functions of x >= 0 exactly.

    Lawson and Hanson's method: x holds the minimum over a set of used
    numbers, the others being 0. The number that helps most joins the set; on
    the way to the minimum over the larger set x stops where a number gets
    to 0, which then leaves it. Each x is better than the one before, so a
    set never comes back, and rounding can only end the descent too early.

    Solves B problems at once that share a matrix. Takes one step more than
    the numbers that join or leave, at most `6 T + 8`.

    Args:
        matrix: Tensor (T, T), positive semidefinite: the curvature.
        columns: Tensor (B, T, C): right sides to solve for on the used set.
        start: Tensor (B, T), 0 or more: the first x, the minimum over the
            set of its numbers above 0.
        allowed: Bool tensor (T,): which numbers may be above 0.
        solve_on: Function of the solutions (B, T, C) on the used set, 0
            elsewhere. Returns the minimum (B, T) over the set, which may
            have numbers below 0, and how much each number would help, (B,
            T), with the size of rounding errors (B, 1) in that.

    Returns:
        Tensor (B, T).

    Reference:
        Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23.
        Here the number joins that lowers the function most, not the one of
        the steepest slope, so that scaling changes nothing.
    """
    size = matrix.shape[0]
    epsilon = machine_epsilon(ops.dtype(matrix))
    identity = ops.eye(size, dtype=matrix.dtype)
    sides = ops.broadcast_to(matrix, (start.shape[0], size, size))
    sides = ops.concatenate([columns, sides], axis=-1)

    def step(x, used, left):
        both = ops.logical_and(used[:, :, None], used[:, None, :])
        solved = ops.solve(
            ops.where(both, matrix, identity),
            ops.where(used[:, :, None], sides, 0.0),
        )
        target, help_, noise = solve_on(solved[..., :-size])
        x, stays, arrived = _walk(x, target, used)
        # What is left of a number's curvature once the used ones adapt.
        curvature = ops.diagonal(matrix) - ops.sum(
            matrix * solved[..., -size:], axis=1
        )
        joins = _best(
            help_,
            curvature,
            (allowed & ~used)
            & (help_ > noise)
            & (curvature > 16 * epsilon)
            & arrived,
        )
        left = left & (~arrived[:, 0] | ops.any(joins, axis=1))
        return x, stays | joins, left

    start_left = ops.ones((start.shape[0],), "bool")
    return ops.while_loop(
        lambda x, used, left: ops.any(left),
        step,
        (start, start > 0, start_left),
        maximum_iterations=6 * size + 8,
    )[0]


def _walk(x, target, used):
    """Goes from x towards the target, as far as all numbers stay above 0."""
    falls = used & (target <= 0)
    share = ops.where(falls, x / ops.where(falls, x - target, 1.0), 1.0)
    share = ops.where(falls & (x <= 0), 0.0, share)
    first = ops.min(share, axis=1, keepdims=True)
    leaves = falls & (share <= first)
    arrived = ~ops.any(falls, axis=1, keepdims=True)
    stays = used & ~leaves
    x = ops.where(arrived, target, x + first * (target - x))
    return ops.where(stays, ops.relu(x), 0.0), stays, arrived


def _best(help_, curvature, candidates):
    """Marks the candidate that lowers the function most, if there is one."""
    gain = ops.square(help_) / ops.where(candidates, curvature, 1.0)
    gain = ops.where(candidates, gain, -1.0)
    best = ops.one_hot(ops.argmax(gain, axis=1), gain.shape[1], dtype="bool")
    return best & candidates
