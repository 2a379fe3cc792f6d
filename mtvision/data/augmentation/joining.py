"""Joining the labels of several samples on one canvas."""

import numpy as np

from mtvision.data import fields
from mtvision.data.augmentation.moved_objects import object_fields
from mtvision.data.augmentation.warp_sample import lies_on_image


class CannotJoin(ValueError):
    """A label of several samples cannot be joined."""


# What objects have of which nothing is said: they are neither crowd nor
# difficult, and their area is not known.
ABSENT_MEANS = {"crowd": 0, "difficult": 0, "area": np.nan}


def join_samples(samples, step, generator, *, join_images, join_maps=None):
    """One sample with the objects of all, whose images have one size.

    - Fields with a row for each object are joined. A field that one of the
      samples lacks is missing in the result, since its picture shows objects
      without that label; without `crowd` or `difficult`, objects are neither,
      and without `area` theirs is NaN.
    - `file` is that of the first.
    - `annotated`: a class is annotated where it is in all samples; one that
      does not say so has all its classes annotated.
    - Any other label (of the whole image, of a single object) is refused, as
      it describes one of the images only.

    Args:
        samples: List of dicts of arrays.
        step: Name of the step, for messages.
        generator: numpy Generator, for the order of the objects.
        join_images: Function of a list of images, which gives one.
        join_maps: Function of a list of maps with a None for each sample that
            lacks it, which gives one. None refuses maps.

    Returns:
        A new dict.

    Raises:
        CannotJoin: If a field cannot be joined.

    Example:

    >>> image = np.zeros((2, 2, 3), "uint8")
    >>> samples = [{"image": image, "classes": np.array([k])} for k in (0, 1)]
    >>> generator = np.random.default_rng(0)
    >>> joined = join_samples(samples, "Mosaic", generator, join_images=sum)
    >>> sorted(joined["classes"].tolist())
    [0, 1]
    """
    joined, orders = {}, {}
    for name in dict.fromkeys(name for sample in samples for name in sample):
        values = [_given(name, sample.get(name)) for sample in samples]
        known = [value for value in values if value is not None]
        if not known or name == "file":
            joined[name] = samples[0].get(name)
            continue
        check_joins(
            name, values, samples[0]["image"].shape, step, maps=bool(join_maps)
        )
        if fields.is_object_field(name, np.ndim(known[0])):
            joined[name] = _shuffled(
                name, _join_rows(name, values, samples), orders, generator
            )
        elif fields.is_image_field(name):
            joined[name] = join_images(values)
        elif fields.last_word(name) == "annotated":
            joined[name] = np.min(known, axis=0)
        else:
            joined[name] = join_maps(values)
    return joined


def check_joins(name, values, shape, step, *, maps):
    """Raises unless a field of several samples can be joined.

    Args:
        name: Name of the field.
        values: Its values, of images of one size; None where it is missing.
        shape: Shape of these images.
        step: Name of the step, for the message.
        maps: Whether it joins maps.

    Raises:
        CannotJoin: If it describes one of the images only.
    """
    known = [value for value in values if value is not None]
    if fields.is_image_field(name):
        joins = len(known) == len(values) and all(
            value.shape == (*shape[:2], known[0].shape[-1]) for value in known
        )
    elif fields.last_word(name) == "annotated":
        joins = len({np.shape(value) for value in known}) == 1
    else:
        joins = fields.is_object_field(name, np.ndim(known[0])) or (
            maps
            and all(
                lies_on_image(name, {name: value}, shape) for value in known
            )
        )
    if not joins:
        raise CannotJoin(
            f"{step} cannot join the field {name!r} of several samples. "
            "Leave out the step, or the field: it joins images and "
            f"objects{' and maps' if maps else ''} only. In a mixture, give "
            "each source its own steps: augment={name: Augment([...])}."
        )


def _shuffled(name, rows, orders, generator):
    """Rows in an order that all fields of the same objects share, so that
    objects beyond `max_objects` are not always those of the last sample.
    """
    if rows is None:
        return None
    key = (fields.sibling(name, ""), len(rows))
    if key not in orders:
        orders[key] = generator.permutation(len(rows))
    return rows[orders[key]]


def _given(name, value):
    if isinstance(value, str) or value is None:
        return value
    value = np.asarray(value)
    if fields.last_word(name) in ABSENT_MEANS:
        # Rows of nothing known are rows still.
        return value
    return None if fields.is_missing(value) else value


def _join_rows(name, values, samples):
    word = fields.last_word(name)
    if word in ABSENT_MEANS:
        values = [
            np.full(_number_of_objects(name, sample), ABSENT_MEANS[word])
            if value is None
            else value
            for value, sample in zip(values, samples)
        ]
    if any(value is None for value in values):
        return None
    kind = "float32" if word == "area" else values[0].dtype
    return np.concatenate(values).astype(kind)


def _number_of_objects(name, sample):
    names = object_fields(sample).get(fields.sibling(name, ""), ())
    return max((len(sample[other]) for other in names), default=0)
