"""What a piece of second-hand clothing costs, and what that depends on."""

import numpy as np

# What is seen: the kind of a piece, and what is added to the logarithm.
KINDS = {
    "scarf": -0.7,
    "shirt": -0.3,
    "trousers": 0.0,
    "dress": 0.3,
    "coat": 0.7,
}
MOST_STAINS = 3
# What is read: who made it, how it was worn.
MAKERS = {"supermarket": -0.6, "chain": -0.2, "tailor": 0.2, "designer": 0.6}
CONDITIONS = {"new": 0.4, "once": 0.2, "often": -0.2, "torn": -0.4}
# What a year, and what a stain, takes off the logarithm, by maker.
FADING = {"supermarket": 0.14, "chain": 0.1, "tailor": 0.03, "designer": -0.03}
STAIN = {"supermarket": 0.05, "chain": 0.15, "tailor": 0.3, "designer": 0.4}
# What is noted: years and former owners. Size and season change nothing.
MOST_YEARS = 10.0
MOST_OWNERS = 4
OWNER = 0.12
START = np.log(40.0)
NOISE = 0.1


def draw_traits(rng):
    """All that the price of a piece depends on, drawn independently.

    Args:
        rng: Random generator.

    Returns:
        Dict.

    Example:

    >>> sorted(draw_traits(np.random.default_rng(0)))
    ['condition', 'kind', 'maker', 'owners', 'stains', 'years']
    """
    return {
        "kind": str(rng.choice(list(KINDS))),
        "stains": int(rng.integers(MOST_STAINS + 1)),
        "maker": str(rng.choice(list(MAKERS))),
        "condition": str(rng.choice(list(CONDITIONS))),
        "years": float(rng.uniform(0, MOST_YEARS)),
        "owners": int(rng.integers(1, MOST_OWNERS + 1)),
    }


def log_price(traits):
    """Logarithm of the price in euros, without noise.

    Args:
        traits: As `draw_traits` returns them.

    Returns:
        Float.

    Example:

    >>> traits = {"kind": "coat", "stains": 2, "maker": "tailor"}
    >>> traits |= {"condition": "new", "years": 5.0, "owners": 2}
    >>> round(float(np.exp(log_price(traits))), 2)
    61.49
    """
    maker = traits["maker"]
    return (
        START
        + KINDS[traits["kind"]]
        + MAKERS[maker]
        + CONDITIONS[traits["condition"]]
        - STAIN[maker] * traits["stains"]
        - FADING[maker] * traits["years"]
        - OWNER * (traits["owners"] - 1)
    )
