"""Weights of gradients that share the progress fairly."""

import numpy as np
from keras import ops

from mtvision.ops.compiling import compiled
from mtvision.ops.gram import cosines, machine_epsilon, product

STEPS = 60  # 5 to 15 are usual
# Gradients that cancel each other would make weights grow without end. Where
# less than this share is left of their sum, float32 cannot tell what it is.
LEAST_LEFT = 1e-4


def fair_weights(gram, power, active):
    """Weights w above 0 with `gram w = w ** -power`.

    They are the only minimum of a convex function,
    `w' gram w / 2 + sum of w ** (1 - power) / (power - 1)`, and for a power
    of 1 `w' gram w / 2 - sum of log w`. Newton's method finds it, in steps
    that are short enough for the function to fall; in between, all weights
    are scaled by what is best for the function.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        power: Number above 0.
        active: Bool tensor (T,): tasks that take part.

    Returns:
        Tensor (T,). In the type of `gram`; exact up to rounding. 0 for tasks
        that do not take part and for gradients of 0, for which there is no
        such weight. There is none either where an average of the gradients
        is 0; then the weights are large, and their sum of gradients is near
        0.

    Example:

    >>> active = np.array([True, True])
    >>> w = fair_weights(np.diag([4.0, 0.25]), 1.0, active)
    >>> [round(float(x), 3) for x in w]
    [0.5, 2.0]
    """
    return _compiled_bargain(
        ops.convert_to_tensor(gram),
        ops.convert_to_tensor(active, "bool"),
        power=power,
    )


def _bargain(gram, active, *, power):
    cosine, norms = cosines(gram)
    takes_part = active & (ops.diagonal(cosine) > 0.5)
    unit = ops.max(ops.where(takes_part, norms, 0.0))
    unit = ops.where(unit > 0, unit, 1.0)
    lengths = ops.where(takes_part, norms / unit, 1.0)
    # Weights of gradients that do not meet; x counts in units of them.
    alone = lengths ** (-2 / (1 + power))
    share = lengths * alone
    x = _minimise(cosine, share, takes_part, power)
    return ops.where(takes_part, x * alone * unit ** (-2 / (1 + power)), 0.0)


def _minimise(cosine, share, takes_part, power):
    """Solves `cosine (share x) = share x ** -power` for x above 0."""
    epsilon = machine_epsilon(ops.dtype(cosine))
    share = ops.where(takes_part, share, 0.0)
    shortenings = ops.cast(0.5 ** np.arange(16.0), share.dtype)

    def square_norm(x):
        y = share * x
        return ops.sum(y * product(y, cosine), axis=-1)

    def height(x):
        gain = ops.sum(ops.square(share) * _integral(x, power), axis=-1)
        return square_norm(x) / 2 - gain

    def scale(x):
        square = square_norm(x)
        least = ops.sum(ops.square(LEAST_LEFT * share * x))
        square = ops.where(square > least, square, least)
        wanted = ops.sum(ops.square(share) * x ** (1 - power))
        return x * (wanted / square) ** (1 / (1 + power))

    def step(x, change):
        x = scale(x)
        move = _newton_move(x, cosine, share, takes_part, power)
        room = 0.9 / (0.9 + ops.max(ops.relu(-move)))
        paths = x * (1 + room * shortenings[:, None] * move)
        best = ops.take(paths, ops.argmin(height(paths)), axis=0)
        change = ops.max(ops.abs(move))
        # Rounding blurs the heights where Newton's own step is safe.
        near = change * (1 + power) < 0.3
        return ops.where(near, x * (1 + move), best), change

    largest = LEAST_LEFT ** -max(1, 2 / (1 + power))
    x = ops.ones_like(share)
    x, _ = ops.while_loop(
        lambda x, change: (change > epsilon**0.5) & (ops.max(x) < 4 * largest),
        step,
        (x, ops.sum(x)),
        maximum_iterations=STEPS,
    )
    top = ops.max(x)
    return x * ops.where(top > largest, largest / top, 1.0)


def _newton_move(x, cosine, share, takes_part, power):
    """Newton's step, as a share of x."""
    least = 8 * machine_epsilon(ops.dtype(cosine))
    slope = share * x**-power - product(share * x, cosine)
    stiffness = power * x ** (-power - 1)
    # Never below rounding, or gradients that cancel could not be solved.
    stiffness = ops.where(stiffness > least, stiffness, least)
    stiffness = ops.where(takes_part, stiffness, 1.0)
    move = ops.solve(cosine + ops.diag(stiffness), slope[:, None])[:, 0]
    return ops.where(
        takes_part, move / ops.where(takes_part, share, 1.0) / x, 0.0
    )


def _integral(x, power):
    """What grows by `x ** -power`."""
    return ops.log(x) if power == 1 else x ** (1 - power) / (1 - power)


_compiled_bargain = compiled(_bargain)
