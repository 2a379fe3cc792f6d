"""What sellers write about a piece of clothing."""

from mtvision.data.vocabulary import Vocabulary

MAKERS = {
    "supermarket": ("bought at a supermarket", "supermarket brand"),
    "chain": ("from a chain store", "high street brand"),
    "tailor": ("made by a tailor", "tailor made"),
    "designer": ("a designer piece", "designer brand"),
}
# The same words, in another order, say something else.
CONDITIONS = {
    "new": ("never worn and not torn", "new with tag", "not worn"),
    "once": ("worn once and not torn", "worn only once"),
    "often": ("worn often and not torn", "worn not once but often"),
    "torn": ("never worn but torn", "a little torn"),
}
CHATTER = (
    "lovely item",
    "from a smoke free home",
    "no returns please",
    "quick delivery",
    "selling because i moved",
    "fits as expected",
    "pick up possible",
    "the colour is as in the picture",
    "price can be discussed",
    "see my other items",
)
# No word of these is in the vocabulary.
UNSEEN = ("absolute bargain", "grab it quickly", "gorgeous", "cheers")
MAX_WORDS = 32


def write_advert(rng, maker, condition, *, unseen=False):
    """A few phrases about a piece, in random order.

    Args:
        rng: Random generator.
        maker: Key of `MAKERS`.
        condition: Key of `CONDITIONS`.
        unseen: Whether there is a phrase of words which no training has.

    Returns:
        Text of `MAX_WORDS` or less.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> "torn" in write_advert(rng, "chain", "torn")
    True
    """
    phrases = list(rng.choice(CHATTER, rng.integers(1, 4), replace=False))
    phrases += [rng.choice(MAKERS[maker]), rng.choice(CONDITIONS[condition])]
    phrases += [rng.choice(UNSEEN)] * unseen
    return ", ".join(phrases[place] for place in rng.permutation(len(phrases)))


def make_vocabulary():
    """The vocabulary of all adverts that a training sees."""
    phrases = [*CHATTER]
    for known in (MAKERS, CONDITIONS):
        phrases += [phrase for part in known.values() for phrase in part]
    return Vocabulary.of(phrases)
