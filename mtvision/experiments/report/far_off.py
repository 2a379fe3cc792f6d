"""Results so bad that a plot of them would show nothing else."""

import numpy as np

# So many times the distance from the best to the worse quartile still fits.
REACH = 4


def move_far_off(values, direction):
    """Moves what lies far beyond the rest to where it can be shown.

    Args:
        values: Array (N,) of finite numbers.
        direction: `"maximize"` or `"minimize"`: only bad values are moved.

    Returns:
        List of N numbers, and how many were moved.

    Example:

    >>> move_far_off([1.0, 2.0, 3.0, 1e30], "minimize")[1]
    0
    >>> move_far_off([1.0, 2.0, 3.0, 3.0, 1e30], "minimize")
    ([1.0, 2.0, 3.0, 3.0, 9.0], 1)
    """
    sign = 1 if direction == "minimize" else -1
    costs = sign * np.asarray(values, "float64")
    best, quartile = np.quantile(costs, [0, 0.75])
    bound = best + REACH * (quartile - best)
    # Where most are equal, any other one would be far.
    if quartile == best:
        bound = costs.max()
    moved = np.minimum(costs, bound)
    return (sign * moved).tolist(), int((costs > bound).sum())
