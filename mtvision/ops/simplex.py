"""Averages of gradients: weights of 0 or more that sum to 1."""

from keras import ops

from mtvision.ops.active_set import descend
from mtvision.ops.compiling import compiled
from mtvision.ops.gram import cosines, machine_epsilon, product


def min_norm_average(gram, active):
    """The shortest average of gradients.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        active: Bool tensor (T,): tasks that may have a weight above 0.

    Returns:
        Tensor (T,): weights of 0 or more that sum to 1 and minimise
        `w' gram w`. In the type of `gram`; exact up to rounding. All 0 where
        no task is active.

    Example:

    >>> w = min_norm_average(np.diag([1.0, 3.0]), np.array([True, True]))
    >>> [round(float(x), 3) for x in w]
    [0.75, 0.25]
    """
    nothing = ops.zeros_like(ops.convert_to_tensor(gram)[0])
    return worst_average(gram, nothing, 0.0, active)[0]


def worst_average(gram, reference, radius, active):
    """The average of gradients that improves least close to a direction.

    Minimises `<g0, g_w> + radius * |g_w|` over averages g_w of gradients,
    where g0 is a sum of them. It is the dual of the direction that improves
    the worst task most, within `radius` around g0.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        reference: Tensor (T,), weights of the gradients in g0; 0 for tasks
            that are not active.
        radius: Scalar, 0 or more: a share of the norm of g0. Where g0 is 0,
            the shortest average is found.
        active: Bool tensor (T,): tasks that may have a weight above 0.

    Returns:
        weights: Tensor (T,), 0 or more, with the sum 1.
        norm: Scalar, the norm of g_w, `sqrt(w' gram w)`.

    Reference:
        Over a set of tasks the minimum has a closed form: from the shortest
        combination w0 of them walk along -g0, as seen in their plane, until
        the norms are in the right proportion.
    """
    gram = ops.convert_to_tensor(gram)
    return _compiled_worst(
        gram,
        ops.convert_to_tensor(reference, gram.dtype),
        ops.convert_to_tensor(radius, gram.dtype),
        ops.convert_to_tensor(active, "bool"),
    )


def _find_worst(gram, reference, radius, active):
    cosine, norms = cosines(gram)
    epsilon = machine_epsilon(ops.dtype(cosine))
    smallest = ops.min(ops.where(active, norms, ops.max(norms)))
    # In lengths y = weights * norms, an average has the product 1 with these.
    inverse = ops.where(active, smallest / norms, 0.0)
    lengths = reference * norms
    largest = ops.max(ops.abs(lengths))
    lengths = lengths / ops.where(largest > 0, largest, 1.0)
    pull = product(lengths, cosine)
    bound = radius * ops.sqrt(ops.relu(ops.sum(lengths * pull)))

    def norm_of(y):
        return _norm_above_noise(y, cosine, epsilon)

    def solve_on(solved):
        shortest, along = solved[..., 0], solved[..., 1]
        whole = ops.sum(shortest * inverse, axis=1, keepdims=True)
        shortest = shortest / ops.where(whole > 0, whole, 1.0)
        part = ops.sum(along * inverse, axis=1, keepdims=True)
        walk = shortest * part - along
        room = ops.square(bound) - ops.square(norm_of(walk))
        endless = (room <= 0) & (norm_of(walk) > epsilon**0.5)
        # Where there is no minimum, far enough for a weight to get to 0.
        steps = ops.where(
            endless,
            epsilon**-0.5,
            norm_of(shortest)
            / ops.sqrt(ops.where(room > epsilon, room, epsilon)),
        )
        target = shortest + steps * walk
        slope = product(target, cosine) + steps * pull
        level = ops.sum(target * slope, axis=1, keepdims=True)
        size = ops.max(ops.abs(target), axis=1, keepdims=True)
        size = size + steps * ops.max(ops.abs(pull))
        return target, level * inverse - slope, 8 * epsilon * size

    heights = pull + ops.where(bound > 0, bound, 1.0) * ops.diagonal(cosine)
    y = descend(
        cosine + inverse[:, None] * inverse,
        ops.stack([inverse, pull], axis=-1)[None],
        _lowest_corner(heights, inverse, active)[None],
        active,
        solve_on,
    )[0]
    return _as_shares(y / norms), norm_of(y)[0] * smallest


def _as_shares(weights):
    total = ops.sum(weights)
    return weights / ops.where(total > 0, total, 1.0)


def _norm_above_noise(y, cosine, epsilon):
    """Length of a combination; 0 where rounding alone could make it."""
    square = ops.sum(y * product(y, cosine), axis=-1, keepdims=True)
    size = ops.sum(ops.abs(y), axis=-1, keepdims=True)
    noise = 16 * epsilon * ops.square(size)
    return ops.sqrt(ops.where(square > noise, square, 0.0))


def _lowest_corner(heights, inverse, active):
    """The one gradient alone that is best to start from."""
    heights = heights / ops.where(active, inverse, 1.0)
    first = ops.argmin(ops.where(active, heights, float("inf")))
    first = ops.one_hot(first, heights.shape[0], dtype=heights.dtype)
    first = ops.where(active, first, 0.0)
    return first / ops.where(first > 0, inverse, 1.0)


_compiled_worst = compiled(_find_worst)


def project_on_simplex(x, active):
    """The average's weights that are nearest to given ones.

    Args:
        x: Tensor (T,).
        active: Bool tensor (T,): tasks that may have a weight above 0.

    Returns:
        Tensor (T,): weights of 0 or more that sum to 1, of the least squared
        distance from x.

    Example:

    >>> w = project_on_simplex(np.array([0.75, 0.5, -1.0]), np.arange(3) < 3)
    >>> [round(float(value), 3) for value in w]
    [0.625, 0.375, 0.0]
    """
    x = ops.convert_to_tensor(x)
    x = ops.where(active, x, float("-inf"))
    x = x - ops.max(x)
    # What is 1 below the largest gets no weight in any case.
    falling = -ops.sort(-ops.where(x > -2, x, -2.0))
    level = (ops.cumsum(falling) - 1) / ops.arange(
        1, x.shape[0] + 1, dtype=x.dtype
    )
    return ops.relu(x - ops.max(level))


def share_of_active(share, active):
    """Shares of the tasks that are there, so that they sum to 1.

    Args:
        share: Tensor (T,), 0 or more.
        active: Bool tensor (T,).

    Returns:
        Tensor (T,), all 0 where those of `active` are, and the sum of those.

    Example:

    >>> share, total = share_of_active(np.full(4, 0.25), np.arange(4) < 2)
    >>> [float(x) for x in share], float(total)
    ([0.5, 0.5, 0.0, 0.0], 0.5)
    """
    share = ops.where(active, share, 0.0)
    total = ops.sum(share)
    return share / ops.where(total > 0, total, 1.0), total
