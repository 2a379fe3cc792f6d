"""What may be wrong with boxes."""

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding
from mtvision.ops.box_faults import box_faults

# Pixels, and the share of the longer side, by which a box may miss the box
# around its mask: polygons are drawn between pixels, masks are made of them.
MASK_TOLERANCE = 2.0
# Pixels that a box may reach beyond the image before it is a defect.
EDGE_TOLERANCE = 0.999
MASK_SHARE = 0.05


def stated(sample, name):
    """Which boxes of a field claim to be somewhere.

    Args:
        sample: Dict of sound arrays.
        name: A field of boxes (M, 4), of which rows of class -1 are padding,
            or of a box (..., 4), which may be NaN, or not present.

    Returns:
        Boxes (M, 4) float64, and bool array (M,).

    Example:

    >>> sample = {"boxes": np.ones((2, 4)), "classes": np.array([3, -1])}
    >>> stated(sample, "boxes")[1].tolist()
    [True, False]
    """
    boxes = np.asarray(sample[name], "float64").reshape(-1, 4)
    if fields.last_word(name) == "boxes":
        return boxes, real_rows(sample, name)
    there = ~np.isnan(boxes).all(axis=-1)
    present = sample.get(fields.sibling(name, "present"))
    if present is not None and np.size(present) in (1, len(boxes)):
        there = there & (np.reshape(present, -1) > 0)
    return boxes, there


def real_rows(sample, name):
    """Which objects (M,) are no padding, that is not of class -1."""
    classes = sample.get(fields.sibling(name, "classes"))
    if classes is None:
        return np.ones(len(sample[name]), "bool")
    return classes != -1


def faults_of(sample, name):
    """The faults of each box of a field.

    Args:
        sample: Dict of sound arrays.
        name: A field of boxes.

    Returns:
        Dict from kind of finding to bool array (M,).

    Example:

    >>> sample = {"boxes": np.array([[0, 0, 9, 9], [5, 0, 5, 9]])}
    >>> faults_of(sample, "boxes")["box without area"].tolist()
    [False, True]
    """
    boxes, there = stated(sample, name)
    shape = sample["image"].shape if "image" in sample else None
    found = box_faults(boxes, shape, tolerance=EDGE_TOLERANCE)
    empty = found["inverted or without area"]
    inverted = empty & (boxes[:, 2:] < boxes[:, :2]).any(axis=-1)
    faults = {
        kinds.NON_FINITE: found["non-finite"],
        kinds.BOX_INVERTED: inverted,
        kinds.BOX_WITHOUT_AREA: empty & ~inverted,
        kinds.BOX_OUTSIDE: found["outside of the image"],
        kinds.BOX_PARTLY_OUTSIDE: found["partly outside of the image"],
    }
    faults = {kind: fault & there for kind, fault in faults.items()}
    # An object without extent is no copy of another such.
    solid = there & ~empty & ~faults[kinds.NON_FINITE]
    if fields.last_word(name) == "boxes":
        faults[kinds.BOX_DUPLICATE] = _copies(sample, name, boxes, solid)
    return faults


def _copies(sample, name, boxes, considered):
    """Boxes (M,) with the class and coordinates of an earlier one."""
    classes = sample.get(fields.sibling(name, "classes"), np.zeros(len(boxes)))
    copies = np.zeros(len(boxes), "bool")
    rows = np.flatnonzero(considered)
    keys = np.column_stack([boxes, classes])[rows]
    first = np.unique(keys, axis=0, return_index=True)[1]
    copies[rows] = True
    copies[rows[first]] = False
    return copies


def check_boxes(sample):
    """Finds boxes that are non-finite, inverted, without area, outside of the
    image, partly outside, or copies of others.
    """
    for name in _box_fields(sample):
        boxes = sample[name].reshape(-1, 4)
        for kind, fault in faults_of(sample, name).items():
            for row in np.flatnonzero(fault):
                detail = f"row {row} is {_numbers(boxes[row])}"
                yield Finding(kind, name, detail)


def over_the_edge(sample, name):
    """Which boxes (M,) of a field reach beyond the image by less than a pixel,
    as rounding has it.

    Example:

    >>> sample = {
    ...     "image": np.zeros((8, 8, 3)),
    ...     "boxes": np.array([[0, 0, 8.4, 8], [0, 0, 9.4, 8]]),
    ... }
    >>> over_the_edge(sample, "boxes").tolist()
    [True, False]
    """
    boxes, there = stated(sample, name)
    if "image" not in sample:
        return np.zeros(len(boxes), "bool")
    beyond = box_faults(boxes, sample["image"].shape)
    far = faults_of(sample, name)[kinds.BOX_PARTLY_OUTSIDE]
    return beyond["partly outside of the image"] & there & ~far


def check_edges(sample):
    """Finds boxes that reach beyond the image by less than a pixel."""
    for name in _box_fields(sample):
        boxes = sample[name].reshape(-1, 4)
        for row in np.flatnonzero(over_the_edge(sample, name)):
            detail = f"row {row} is {_numbers(boxes[row])}"
            yield Finding(kinds.BOX_OVER_EDGE, name, detail)


def check_tiny_boxes(sample):
    """Finds boxes at most a pixel wide or high."""
    for name in _box_fields(sample):
        boxes, there = stated(sample, name)
        sides = boxes[:, 2:] - boxes[:, :2]
        solid = there & (sides > 0).all(axis=-1)
        tiny = solid & (sides <= 1).any(axis=-1)
        for row in np.flatnonzero(tiny):
            detail = f"row {row} is {_numbers(boxes[row])}"
            yield Finding(kinds.BOX_TINY, name, detail)


def check_number_of_boxes(sample):
    """Finds images without any object, and images of several objects where
    there is also a field for a single box.
    """
    for name in _box_fields(sample):
        if fields.last_word(name) != "boxes":
            continue
        number = int(real_rows(sample, name).sum())
        if number == 0:
            yield Finding(kinds.NO_OBJECT, name)
        if number > 1 and fields.sibling(name, "box") in sample:
            yield Finding(kinds.SEVERAL_BOXES, name, f"{number} boxes")


def check_crowds(sample):
    """Finds regions of many objects (crowds)."""
    for name, value in sample.items():
        if fields.last_word(name) == "crowd":
            for row in np.flatnonzero(real_rows(sample, name) & (value > 0)):
                yield Finding(kinds.CROWD, name, f"row {row}")


def check_boxes_of_masks(sample):
    """Finds boxes that are not around their masks."""
    for name, masks in sample.items():
        boxes_name = fields.sibling(name, "boxes")
        if fields.last_word(name) != "masks" or boxes_name not in sample:
            continue
        # Where there is a mask but no image, its size is that of the image.
        shape = masks.shape[1:]
        faults = faults_of(sample, boxes_name)
        clipped = checks.clip_boxes(sample[boxes_name], shape)
        for kind in (kinds.BOX_PARTLY_OUTSIDE, kinds.BOX_DUPLICATE):
            faults.pop(kind)
        considered = real_rows(sample, name) & ~np.any([*faults.values()], 0)
        for row in np.flatnonzero(considered):
            around = box_around(masks[row])
            if around is not None and _differ(clipped[row], around):
                detail = (
                    f"row {row} is {_numbers(clipped[row])}, around the mask "
                    f"{_numbers(around)}"
                )
                yield Finding(kinds.BOX_AND_MASK, boxes_name, detail)


def box_around(mask):
    """The box (4,) around the pixels of a mask (H, W), or None.

    Example:

    >>> box_around(np.eye(3)[:2]).tolist()
    [0, 0, 2, 2]
    """
    rows, columns = (np.flatnonzero(mask.any(axis=k)) for k in (1, 0))
    if not rows.size:
        return None
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


def _differ(box, around):
    longer = (around[2:] - around[:2]).max()
    tolerance = max(MASK_TOLERANCE, MASK_SHARE * longer)
    return np.abs(box - around).max() > tolerance


def _box_fields(sample):
    return [name for name in sample if fields.is_box_field(name)]


def _numbers(box):
    return "(" + ", ".join(f"{value:g}" for value in box.tolist()) + ")"
