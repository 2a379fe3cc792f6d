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
    named = {tuple(c["keypoints"]) for c in categories if c.get("keypoints")}
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

    Example:

    >>> skeleton_of([{"skeleton": [[1, 3]]}])
    [(0, 2)]
    """
    for category in categories:
        if category.get("skeleton"):
            return [(a - 1, b - 1) for a, b in category["skeleton"]]
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
        values = np.asarray(values, "float32")
    except (TypeError, ValueError):
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
