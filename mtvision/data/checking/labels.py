"""What may be wrong with class numbers, measurements and key points."""

import numpy as np

from mtvision.data import fields
from mtvision.data.checking import kinds
from mtvision.data.checking.boxes import real_rows
from mtvision.data.checking.finding import Finding
from mtvision.data.checking.maps import CLASS_MAPS
from mtvision.ops.box_faults import TOLERANCE

# In these NaN says that a part was not given.
PARTIAL = ("depth", "normals", "attributes", "area")
# These have checks of their own.
OTHERWISE = ("image", "box", "boxes", "keypoints", *CLASS_MAPS)


def check_class_numbers(sample, *, known):
    """Finds class numbers below -1, or beyond the known classes.

    Args:
        sample: Dict of sound arrays.
        known: Dict from field to number of classes.
    """
    for name, value in sample.items():
        if fields.last_word(name) in OTHERWISE or value.dtype.kind not in "iu":
            continue
        number = known.get(name)
        limit = np.iinfo("int32").max if number is None else number - 1
        # Reading the ends is faster than comparing, and settles most.
        if value.size == 0 or (value.min() >= -1 and value.max() <= limit):
            continue
        wrong = (value < -1) | (value > limit)
        end = "" if number is None else f"; there are {number} classes"
        detail = f"{np.unique(value[wrong]).tolist()[:5]}{end}"
        yield Finding(kinds.CLASS_OUT_OF_RANGE, name, detail)


def unsound_numbers(name, value):
    """Which numbers of a label should be finite but are not: NaN where it
    does not stand for a part that was not given, and infinity.

    Args:
        name: Name of the field.
        value: Its array, with at least one number that is not NaN.

    Example:

    >>> unsound_numbers("depth", np.array([np.nan, np.inf, 1])).tolist()
    [False, True, False]
    """
    if value.dtype.kind != "f":
        return np.zeros(value.shape, "bool")
    if fields.last_word(name) in PARTIAL:
        return np.isinf(value)
    return ~np.isfinite(value)


def check_finite(sample):
    """Finds NaN and infinity in labels where they say nothing."""
    for name, value in sample.items():
        own = fields.last_word(name) in OTHERWISE[:4]
        number = 0 if own else int(unsound_numbers(name, value).sum())
        if number:
            detail = f"{number} of {value.size} values"
            yield Finding(kinds.NON_FINITE, name, detail)


def points_of(value):
    """Key points and which of them are labelled.

    Args:
        value: (..., K, 2), where NaN is not given, or (..., K, 3), where also
            visibility 0 is.

    Returns:
        x, y (..., K, 2) float64, and bool array (..., K).

    Example:

    >>> points_of(np.array([[3, 4, 0], [5, 6, 2]]))[1].tolist()
    [False, True]
    """
    places = value[..., :2].astype("float64")
    labelled = ~np.isnan(places).all(axis=-1)
    if value.shape[-1] == 3:
        labelled = labelled & (value[..., 2] != 0)
    return places, labelled


def check_keypoints(sample):
    """Finds key points that are outside of the image or not finite, and
    visibilities that say nothing.
    """
    for name, places, labelled in _keypoints(sample):
        finite = np.isfinite(places).all(axis=-1)
        yield from _point_findings(kinds.NON_FINITE, name, labelled & ~finite)
        if sample[name].shape[-1] == 3:
            seen = np.isin(sample[name][..., 2], (0, 1, 2))
            found = labelled & ~seen
            yield from _point_findings(kinds.VISIBILITY, name, found)
        if "image" in sample:
            outside = _outside(places, sample["image"].shape)
            found = labelled & finite & outside
            yield from _point_findings(kinds.POINT_OUTSIDE, name, found)


def check_objects_without_points(sample):
    """Finds objects of which no key point is labelled."""
    for name, _, labelled in _keypoints(sample):
        labelled = np.atleast_2d(labelled)
        real = np.ones(len(labelled), "bool")
        if sample[name].ndim == 3:
            real = real_rows(sample, name)
        for row in np.flatnonzero(real & ~labelled.any(axis=-1)):
            yield Finding(kinds.NO_POINTS, name, f"row {row}")


def _keypoints(sample):
    for name, value in sample.items():
        if fields.last_word(name) == "keypoints":
            places, labelled = points_of(value)
            if value.ndim == 3:
                labelled = labelled & real_rows(sample, name)[:, None]
            yield name, places, labelled


def _outside(places, shape):
    with np.errstate(invalid="ignore"):
        below = (places < -TOLERANCE).any(axis=-1)
        beyond = (places > np.array(shape[1::-1]) + TOLERANCE).any(axis=-1)
    return below | beyond


def _point_findings(kind, name, found):
    for position in np.argwhere(found).tolist():
        *row, point = position
        detail = f"row {row[0]}, point {point}" if row else f"point {point}"
        yield Finding(kind, name, detail)
