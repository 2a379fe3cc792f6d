"""Key points of COCO objects."""

import numpy as np


def names_of(categories, parts, annotations):
    """The names of the key points.

    Args:
        categories: List of COCO categories.
        parts: Names of the lists of an annotation that are joined; those of
            `"keypoints"` are named by the categories.
        annotations: Iterable of annotations, which tell the length of others.

    Returns:
        Dict from part to its list of names.

    Raises:
        ValueError: If categories differ in their key points, or a part occurs
            nowhere.
    """
    if isinstance(parts, str):
        raise ValueError(
            f"Expected a tuple of names of lists, received {parts!r}: pass "
            f"keypoints=({parts!r},)."
        )
    named = {_names(c) for c in categories if c.get("keypoints")}
    if "keypoints" in parts and len(named) != 1:
        raise ValueError(
            "Expected categories that name one and the same list of key "
            f"points, found {len(named)} different ones. Pass keypoints=() to "
            "do without."
        )
    names = {"keypoints": list(*named)} if "keypoints" in parts else {}
    others = set(parts) - names.keys()
    for annotation in annotations if others else ():
        for part in others & annotation.keys() - names.keys():
            number = len(_listed(annotation, part)) // 3
            if number:
                names[part] = [f"{part}_{k}" for k in range(number)]
    for part in parts:
        if part not in names:
            raise ValueError(f"No annotation has key points {part!r}.")
    return {part: names[part] for part in parts}


def skeleton_of(categories):
    """The limbs as pairs of numbers of key points, which COCO counts from 1.

    Args:
        categories: List of COCO categories.

    Returns:
        List of pairs, of the first category that has some.

    Raises:
        ValueError: If they are no pairs of numbers of its key points.

    Example:

    >>> head = {"name": "cat", "keypoints": ["nose", "eye", "ear"]}
    >>> skeleton_of([{**head, "skeleton": [[1, 3]]}])
    [(0, 2)]
    """
    for category in categories:
        limbs = category.get("skeleton")
        if limbs:
            return [_limb(each, category) for each in _list(limbs)]
    return []


def read_keypoints(annotations, names, *, offset, note):
    """The key points of M objects.

    Args:
        annotations: List of M annotations. One without a list of key points
            has none that is labelled.
        names: Dict from part to the names of its points, K in all.
        offset: Pixels that are added to x and y.
        note: Function of the kind and the detail of a finding.

    Returns:
        Float32 array (M, K, 3) of x, y in pixels and visibility. Points that
        are not labelled are 0, 0, 0.

    Raises:
        ValueError: If a list has not three numbers for each name.

    Example:

    >>> annotation = {"keypoints": [3, 4, 2, 0, 0, 0]}
    >>> names = {"keypoints": ["nose", "tail"]}
    >>> read_keypoints([annotation], names, offset=0.5, note=print).tolist()
    [[[3.5, 4.5, 2.0], [0.0, 0.0, 0.0]]]
    """
    rows = [
        [_part(annotation, part, len(n)) for part, n in names.items()]
        for annotation in annotations
    ]
    number = sum(len(n) for n in names.values())
    points = np.array([np.concatenate(row) for row in rows], "float32")
    points = points.reshape(-1, number, 3)
    seen = points[..., 2:]
    strange = ~np.isin(seen, (0, 1, 2))
    if strange.any():
        note("key points of a visibility other than 0, 1, 2")
    points[..., :2] = np.where(seen > 0, points[..., :2] + offset, 0)
    return points


def _names(category):
    names = category["keypoints"]
    if not all(isinstance(name, str) for name in _list(names)):
        raise ValueError(
            f"Expected texts as the names of the key points of "
            f"{category['name']!r}, received {names!r:.60}."
        )
    return tuple(names)


def _limb(limb, category):
    known = range(1, len(category.get("keypoints") or ()) + 1)
    sound = isinstance(limb, list) and len(limb) == 2
    if not sound or not all(type(k) is int and k in known for k in limb):
        raise ValueError(
            f"Expected the skeleton of {category['name']!r} as pairs of "
            f"numbers of its {len(known)} key points, from 1, received "
            f"{limb!r:.60}."
        )
    return limb[0] - 1, limb[1] - 1


def _list(value):
    if not isinstance(value, list):
        raise ValueError(f"Expected a list, received {value!r:.60}.")
    return value


def _listed(annotation, part):
    values = annotation.get(part) or []
    if not isinstance(values, list):
        raise ValueError(
            f"annotation {annotation.get('id')} should have a list in "
            f"{part!r}, received {values!r:.60}"
        )
    return values


def _part(annotation, part, number):
    values = _listed(annotation, part)
    # Objects of other categories have no key points.
    if not values:
        return np.zeros((number, 3), "float32")
    try:
        with np.errstate(over="ignore"):
            values = np.asarray(values, "float32")
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"annotation {annotation.get('id')} has {part!r} that are not of "
            f"numbers: {values!r:.60}"
        ) from None
    if values.size != 3 * number or not np.isfinite(values).all():
        raise ValueError(
            f"annotation {annotation.get('id')} should have {number} times "
            f"x, y, visibility in {part!r}, received {values.size} numbers"
        )
    return values.reshape(number, 3)
