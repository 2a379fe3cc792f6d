"""Looking at one sample: the table of all checks."""

from mtvision.data.checking import boxes, kinds, labels, maps, pictures
from mtvision.data.checking.structure import take_apart

# Each takes the sound fields of a sample and yields findings; none changes it.
CHECKS = (
    boxes.check_boxes,
    boxes.check_edges,
    boxes.check_tiny_boxes,
    boxes.check_number_of_boxes,
    boxes.check_crowds,
    boxes.check_boxes_of_masks,
    maps.check_map_contents,
    maps.check_masks,
    maps.check_depth,
    labels.check_finite,
    labels.check_keypoints,
    labels.check_objects_without_points,
    pictures.check_colours,
)
# These also take the number of classes of each field.
CLASS_CHECKS = (maps.check_map_values, labels.check_class_numbers)


def inspect(sample, known):
    """Looks at one sample.

    Args:
        sample: Whatever a source gave.
        known: Dict from field to number of classes.

    Returns:
        Dict of its sound fields as arrays, and a list of `Finding`.

    Example:

    >>> image = np.eye(4, dtype="uint8")[..., None].repeat(3, axis=-1)
    >>> sample = {"image": image, "label": np.array(7)}
    >>> inspect(sample, {"label": 5})[1][0].detail
    '[7]; there are 5 classes'
    """
    sound, findings = take_apart(sample)
    for check in CHECKS:
        findings.extend(check(sound))
    for check in CLASS_CHECKS:
        findings.extend(check(sound, known=known))
    return sound, findings


def defects_of(findings):
    """Those of a list of findings that are defects."""
    return [found for found in findings if found.kind in kinds.DEFECTS]
