"""What the names of key points tell."""

SIDES = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}


def flip_pairs(names):
    """Which key points change places when an image is mirrored, by `left` and
    `right` in their names.

    Args:
        names: List of K names.

    Returns:
        List of pairs (i, j) of numbers, i < j. Points whose names tell
        nothing are in no pair.

    Example:

    >>> flip_pairs(["nose", "left_eye", "right_eye", "leftear", "rightear"])
    [(1, 2), (3, 4)]
    """
    numbers = {name: number for number, name in enumerate(names)}
    pairs = set()
    for name, number in numbers.items():
        other = numbers.get(_other_side(name))
        if other is not None:
            pairs.add((min(number, other), max(number, other)))
    return sorted(pairs)


def _other_side(name):
    for side, other in SIDES.items():
        if side in name:
            return name.replace(side, other)
    return None
