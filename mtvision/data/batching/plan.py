"""What `Batches` settles before the first batch: arguments and shapes."""

import itertools
import warnings

import numpy as np

from mtvision.data import fields, resizing
from mtvision.data.batching.augment_of import check_augment
from mtvision.data.batching.field_spec import FieldSpec
from mtvision.data.batching.grouping import check_grouping
from mtvision.data.batching.known_boxes import check_known_boxes
from mtvision.data.batching.missing_inputs import (
    check_optional,
    spec_of_missing,
)
from mtvision.data.batching.object_rows import check_max_objects, rows_of
from mtvision.data.batching.prepared import where
from mtvision.data.batching.targets import check_structure, fields_of, joins
from mtvision.data.hints import hint
from mtvision.data.subset import refuse_mixture

INVALID_BOXES = ("raise", "drop", "clip")
ON_ERROR = ("raise", "skip")
# Last words of the fields that hold numbers of another kind than classes.
NO_CLASSES = (
    "image",
    "identity",
    "attributes",
    "count",
    "present",
    "box",
    "boxes",
    "keypoints",
    "masks",
    "crowd",
    "difficult",
    "area",
    "phrases",
    "annotated",
    "panoptic",
    "depth",
    "normals",
    "same",
)
# Samples that are looked at to find the shape of a field which most lack.
MAX_PROBES = 2000
# Samples that are looked at to find sizes that differ, beside the first.
SIZES = 4


def check_arguments(batches):
    """Raises for arguments that could not work with any source.

    Args:
        batches: A `Batches` with its attributes set.

    Raises:
        ValueError: If one is malformed.
    """
    if not hasattr(batches.source, "__getitem__") or isinstance(
        batches.source, dict
    ):
        raise ValueError(
            "Expected a source with len(source) and source[i], a dict of one "
            f"sample's fields, received {type(batches.source).__name__}. A "
            "dict of arrays becomes one by [dict(zip(arrays, row)) for row "
            "in zip(*arrays.values())]."
        )
    if not isinstance(batches.targets, dict) or not batches.targets:
        raise ValueError(
            "Expected targets as a dict from task to field, for example "
            f"{{'digit': 'label'}}, received {batches.targets!r}."
        )
    check_structure(batches.inputs, "inputs")
    check_optional(batches.optional_inputs, batches.inputs)
    for task, structure in batches.targets.items():
        if isinstance(structure, list):
            raise ValueError(
                f"Task {task!r}: received the list {structure!r}. Expected a "
                "tuple of names, joined to one vector, or a dict of names."
            )
        check_structure(structure, f"Task {task!r}")
    for task in batches.num_classes:
        if task not in batches.targets:
            raise ValueError(
                f"num_classes names {task!r}, which is no task of targets: "
                f"{sorted(batches.targets)}.{hint(task, batches.targets)}"
            )
    _check_choice("resize", batches.resize, resizing.METHODS)
    _check_choice("on_error", batches.on_error, ON_ERROR)
    check_augment(batches.augment, batches.source)
    _check_choice("invalid_boxes", batches.invalid_boxes, INVALID_BOXES)
    _check_numbers(batches)
    check_grouping(batches)
    _warn_of_shares(batches)


def _warn_of_shares(batches):
    """Warns of arguments of `mix` that do nothing without `shuffle`; raises
    for a part of a mixture with it, which has no shares.
    """
    inner = batches.source
    while batches.shuffle and not hasattr(batches.source, "epoch_rows"):
        inner = getattr(inner, "source", None)
        if inner is None:
            break
        refuse_mixture(inner, "take parts of")
    chosen = getattr(batches.source, "chosen", ())
    if chosen and not batches.shuffle:
        warnings.warn(
            f"{' and '.join(chosen)} of the mixture say nothing without "
            "shuffle=True: the batches have one source after the other, each "
            "sample once.",
            stacklevel=5,
        )


def _check_choice(name, value, allowed):
    if value not in allowed:
        raise ValueError(
            f"Expected {name} as one of {allowed}, received {value!r}."
        )


def _check_numbers(batches):
    _check_integer("batch_size", batches.batch_size)
    _check_integer("seed", batches.seed, minimum=0)
    check_max_objects(
        batches.max_objects, readers_of(batches.inputs, batches.targets)
    )
    if batches.image_size is not None:
        if len(batches.image_size) != 2:
            raise ValueError(
                "Expected image_size as (height, width) or one number, "
                f"received {batches.image_size!r}."
            )
        for side in batches.image_size:
            _check_integer("image_size", side)
    if len(batches.source) == 0:
        raise ValueError("The source is empty: it has no sample to batch.")
    if len(batches) == 0:
        raise ValueError(
            f"With drop_remainder=True, {len(batches.source)} samples do not "
            f"fill one batch of {batches.batch_size}. Lower batch_size or "
            "keep the remainder."
        )


def _check_integer(name, value, *, minimum=1):
    if not isinstance(value, int | np.integer) or value < minimum:
        raise ValueError(
            f"Expected {name} as an integer from {minimum}, received {value!r}."
        )


def partly_missing_fields(inputs, targets):
    """The fields of which some of the floats may be NaN, which the loss of the
    task understands: all but inputs and what is read by a dict, where one NaN
    would drop the sample; pixels of maps always.

    Example:

    >>> targets = {"a": ("p", "q"), "b": {"c": "q", "d": "depth"}}
    >>> sorted(partly_missing_fields("image", targets))
    ['depth', 'p']
    """
    whole, partly, maps = set(fields_of(inputs)), set(), set()
    for structure in targets.values():
        group = whole if isinstance(structure, dict) else partly
        group.update(fields_of(structure))
        maps.update(
            name
            for name in fields_of(structure)
            if fields.last_word(name) in fields.MAP_WORDS
        )
    return (partly - whole) | (maps - set(fields_of(inputs)))


def class_limits(num_classes, targets, known=None):
    """The number of classes of each field that holds class numbers.

    Args:
        num_classes: Dict from task to its number of classes.
        targets: Dict from task to the fields that it reads.
        known: Dict from field to its list of class names, of fields that
            hold class numbers for certain, or `None`.

    Returns:
        Dict from field to number: of the only field of a task, whatever its
        name is; of several those that do not hold something else.

    Example:

    >>> targets = {"o": {"c": "classes", "m": "masks"}, "d": "count"}
    >>> class_limits({"o": 3, "d": 9}, targets)
    {'classes': 3, 'count': 9}
    """
    # A source may name its classes otherwise, which says nothing of fields.
    known = known if isinstance(known, dict) else {}
    names = {
        name: len(known[name])
        for structure in targets.values()
        for name in fields_of(structure)
        if fields.last_word(name) not in NO_CLASSES
        and isinstance(known.get(name), list | tuple)
    }
    return names | {
        name: number
        for task, number in num_classes.items()
        for name in fields_of(targets[task])
        if isinstance(targets[task], str)
        or fields.last_word(name) not in NO_CLASSES
    }


def readers_of(inputs, targets):
    """What reads each field, for messages.

    Example:

    >>> readers_of("image", {"digit": "label", "parity": "label"})
    {'image': 'inputs', 'label': "task 'digit', task 'parity'"}
    """
    readers = dict.fromkeys(fields_of(inputs), "inputs")
    for task, structure in targets.items():
        for name in fields_of(structure):
            known = f"{readers[name]}, " if name in readers else ""
            readers[name] = f"{known}task {task!r}"
    return readers


def find_specs(batches, samples):
    """Type and shape of every field that is read, from the first sample that
    has it.

    Args:
        batches: The `Batches`.
        samples: Its `SampleReader`.

    Returns:
        Dict from field to `FieldSpec`.

    Raises:
        ValueError: If no sample has a field, or a length is not settled.
    """
    readers = readers_of(batches.inputs, batches.targets)
    if (batches.invalid_boxes, batches.on_error) == ("raise", "raise"):
        for name, reader in readers.items():
            check_known_boxes(batches.source, name, reader)
    specs = {}
    starts = getattr(batches.source, "starts", (0,))
    for index in _probes(len(batches.source), starts):
        missing = readers.keys() - specs.keys()
        if not missing and index not in starts:
            break
        if samples.augment is not None:
            samples.augment.check(samples.look(index), index)
        sample = samples.read(index)
        _warn_of_dark_images(sample, where(sample, index))
        for name in readers:
            if sample[name] is None:
                continue
            if name in specs:
                specs[name].check(sample[name], where(sample, index))
            else:
                specs[name] = FieldSpec(
                    name,
                    sample[name],
                    where(sample, index),
                    max_objects=rows_of(batches.max_objects, name),
                    optional=name in batches.optional_inputs,
                )
    if batches.image_size is None and batches.augment is None:
        _compare_sizes(specs, samples, starts)
    for name in batches.optional_inputs:
        if name not in specs:
            spec = spec_of_missing(batches.source, name, batches.image_size)
            specs |= {} if spec is None else {name: spec}
    for name, reader in readers.items():
        if name not in specs:
            _raise_unknown(name, reader, batches)
        _check_length(specs[name], reader, batches)
    for task, structure in batches.targets.items():
        if isinstance(structure, tuple):
            _check_tuple(task, [specs[name] for name in structure])
    return {name: specs[name] for name in readers}


def _compare_sizes(specs, samples, starts):
    """Looks at a few samples more, for images of another size."""
    probes = _probes(len(samples.samples), starts)
    for index in itertools.islice(probes, len(starts) + SIZES):
        try:
            sample = samples.look(index) or {}
        except ValueError:
            # Other faults are told when the sample comes.
            continue
        for name, spec in specs.items():
            if fields.is_image_field(name) and sample.get(name) is not None:
                spec.check(sample[name], where(sample, index))


def _warn_of_dark_images(sample, place):
    for name, value in sample.items():
        if not fields.is_image_field(name) or value is None:
            continue
        if value.dtype.kind == "f" and 0 < value.max() <= 1:
            warnings.warn(
                f"{name!r} of {place} has floats from {value.min():g} to "
                f"{value.max():g}. Trunks expect 0 to 255: multiply by 255.",
                stacklevel=5,
            )


def _probes(number, starts):
    """The first sample of each part, then others from all over the source."""
    yield from starts
    others = np.random.default_rng(0).permutation(number)[:MAX_PROBES]
    yield from (int(k) for k in others if k not in starts)


def _raise_unknown(name, reader, batches):
    source, skipped = batches.source, batches.skipped
    probed = min(len(source), MAX_PROBES)
    sound = next((k for k in range(probed) if k not in skipped), None)
    if sound is None:
        raise ValueError(
            f"None of the {probed} samples looked at could be read; the "
            f"first: {skipped[0]}"
        )
    known = sorted(source[sound])
    if name in batches.optional_inputs:
        raise ValueError(
            f"None of the {probed} samples looked at has the input {name!r}, "
            "so that its shape is not known. Give it to one of them, as an "
            "array that is NaN all over, or -1 all over if it is of integers: "
            "it is missing there all the same. Or leave it out of a dict of "
            "inputs: a MultiTaskModel takes it for missing."
        )
    if name in known:
        raise ValueError(
            f"{reader} reads the field {name!r}, but none of the {probed} "
            "samples looked at has a label: it is None, NaN or -1 in all of "
            "them. Leave the task out of targets."
        )
    raise ValueError(
        f"{reader} reads the field {name!r}, but none of the {probed} samples "
        f"looked at has it. Sample {sound} has the fields {known}."
        f"{hint(name, known)}"
    )


def _check_length(spec, reader, batches):
    if not spec.objects:
        return
    if rows_of(batches.max_objects, spec.name) is None:
        raise ValueError(
            f"{reader} reads {spec.name!r}, which has a row for each object. "
            "Pass max_objects=, the number of rows to pad to: as many as "
            "the fullest sample has; in a dict, one for each such field."
        )


def _check_tuple(task, specs):
    for spec in specs:
        if spec.objects:
            raise ValueError(
                f"Task {task!r} joins {spec.name!r}, which has a row for each "
                "object, to a vector. Use a dict of fields instead: "
                f"{{{spec.name!r}: {spec.name!r}}}."
            )
    if not joins([spec.shape for spec in specs]):
        shapes = {spec.name: spec.shape for spec in specs}
        raise ValueError(
            f"Task {task!r} joins fields of the shapes {shapes}. Expected "
            "numbers and vectors, or (K,) and (K, N) with one K."
        )
