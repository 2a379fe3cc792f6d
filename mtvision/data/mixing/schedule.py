"""Which data set, and which of its samples, comes at which place of an epoch.

Pure functions of (seed, epoch): any epoch can be had without those before it.
"""

import numpy as np


def tempered_shares(sizes, temperature):
    """Shares of data sets between those of their sizes and equal ones.

    Args:
        sizes: Sequence of S numbers of samples.
        temperature: 1 for shares like the sizes; the higher, the more equal;
            infinite for equal ones.

    Returns:
        Array (S,) of sum 1.

    Example:

    >>> tempered_shares([100, 1], 2).round(3).tolist()
    [0.909, 0.091]

    Reference:
        Raffel et al., Exploring the Limits of Transfer Learning with a Unified
        Text-to-Text Transformer (T5), 2020, section 3.5.2.
    """
    logs = np.log(np.asarray(sizes, "float64")) / temperature
    powers = np.exp(logs - logs.max())
    return powers / powers.sum()


def even_schedule(shares, length):
    """Spreads data sets over an epoch as evenly as can be.

    At any place the number of samples so far of each set differs from its
    share by less than one; where the shares of a batch are whole numbers,
    each batch has exactly these.

    Args:
        shares: Array (S,) of sum 1.
        length: Number of places N.

    Returns:
        Int array (N,): the number of the set at each place.

    Example:

    >>> even_schedule(np.array([0.5, 0.25, 0.25]), 8).tolist()
    [0, 1, 2, 0, 0, 1, 2, 0]

    Reference:
        Tijdeman, The chairman assignment problem, 1980: of the sets whose
        next sample may come, the one that must come first.
    """
    shares = np.asarray(shares, "float64").tolist()
    slack = 1 - 1 / (2 * max(len(shares) - 1, 1))
    # Of each set that comes at all: the place until which its next sample
    # must wait, that by which it must come, and how far apart samples are.
    sets = [
        [(1 - slack - 1e-9) / share - 1, slack / share, 1 / share, number]
        for number, share in enumerate(shares)
        if share > 0
    ]
    order = []
    for place in range(length):
        chosen, earliest = None, float("inf")
        for one in sets:
            if one[0] <= place and one[1] < earliest:
                chosen, earliest = one, one[1]
        order.append(chosen[3])
        chosen[0] += chosen[2]
        chosen[1] += chosen[2]
    return np.array(order, "int64")


def draw_rows(size, count, seeds, epoch):
    """The samples of one data set that an epoch uses.

    Epochs go on where the one before has stopped: every sample comes once
    before any comes again.

    Args:
        size: Number of samples of the set.
        count: How many an epoch uses.
        seeds: List of whole numbers, the seed of the random orders.
        epoch: Number of the epoch.

    Returns:
        Int array (count,), numbers below `size`.

    Example:

    >>> rows = np.concatenate([draw_rows(6, 3, [0], e) for e in (0, 1)])
    >>> sorted(rows.tolist())
    [0, 1, 2, 3, 4, 5]
    """
    places = np.arange(epoch * count, (epoch + 1) * count)
    rows = np.empty(count, "int64")
    for cycle in np.unique(places // size):
        generator = np.random.default_rng([*seeds, int(cycle)])
        here = places // size == cycle
        rows[here] = generator.permutation(size)[places[here] % size]
    return rows
