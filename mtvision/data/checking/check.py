"""Checking a whole data set before it is trained on."""

import collections.abc

import keras
import numpy as np

from mtvision.data.checking.overview import number_of_classes
from mtvision.data.checking.place import WHOLE
from mtvision.data.checking.walk import Walk
from mtvision.data.hints import hint

ON_ERROR = ("skip", "raise", "fix")
# Of a `near_hash`.
BITS = 64


def check(
    source,
    *,
    on_error="skip",
    classes=None,
    near_duplicates=None,
    verbose=1,
):
    """Walks through a data set and reports what is in it and what is wrong.

    Every sample is read once, in threads, with a progress bar; none is kept.
    A sample that cannot be read is a finding and does not end the walk.

    Findings are defects, which break a training run or teach something false
    (a box without area, a class number beyond the classes, a mask of another
    size, an image that occurs in two splits...), or facts, which are worth
    knowing (a missing label, a grey image, a GIF named .jpg, a crowd region,
    a class that never occurs...). All kinds are listed in `checking.kinds`.

    Args:
        source: Any object with `len(source)` and `source[i]`, a sample; or a
            dict from split to such. It may have `classes`, `path`, `files`
            and `findings`, see the readers. Of `Batches` their source.
        on_error: What to do about defects. `"skip"` gives, in
            `report.source`, the source without the samples that have any.
            `"fix"` mends what has one right way, whenever a sample is read,
            and leaves out the samples of the other defects: boxes are
            clipped, boxes without area, inverted boxes and copies are removed
            with their rows in every field, stray numbers in maps become -1,
            numbers that are not finite and depths of zero or less become
            missing. `"raise"` ends the walk at the first defect.
            Facts are reported only.
        classes: Dict from field to list of class names, or to their number,
            beside those that the source knows.
        near_duplicates: Number of bits, of 64, in which the perceptual
            hashes of images that count as near-duplicates may differ, for
            example 4. None does not look for them.
        verbose: 0 shows no progress bar.

    Returns:
        `Report`. Of the images that are in several splits, the one in the
        split named first stays. Nothing is left out or mended that is not
        counted in it by kind.

    Raises:
        ValueError: If an option is wrong or a source is empty; with
            `on_error="raise"` also for a defect, with its place.

    Example:

    >>> image = np.eye(8, dtype="uint8")[..., None].repeat(3, axis=-1)
    >>> source = [
    ...     {"image": image, "label": np.array(label)} for label in (0, 7, -1)
    ... ]
    >>> report = check(source, classes={"label": ["cat", "dog"]}, verbose=0)
    >>> for place in report.findings["class out of range"]:
    ...     print(place)
    sample 1, 'label': [7]; there are 2 classes
    >>> len(report.source), report.counts["all"]["label"]["missing"]
    (2, 1)
    """
    splits = _splits(source)
    _check_options(on_error, classes or {}, near_duplicates)
    known = {
        split: _classes_of(one) | dict(classes or {})
        for split, one in splits.items()
    }
    walk = Walk(splits, known, on_error=on_error, near=near_duplicates)
    total = sum(len(one) for one in splits.values())
    bar = keras.utils.Progbar(total, unit_name="sample") if verbose else None
    for number in walk.run():
        if bar is not None:
            bar.update(number)
    return walk.report


def _splits(source):
    splits = source
    if not isinstance(source, collections.abc.Mapping):
        splits = {WHOLE: source}
    elif any(_is_label(value) for value in source.values()):
        raise ValueError(
            f"Expected a source, or a dict of sources, received a dict of "
            f"{sorted(map(str, source))}. Is it a sample? Pass a list of "
            "samples."
        )
    splits = {split: _unbatched(split, one) for split, one in splits.items()}
    if not splits:
        raise ValueError("Expected a source or a dict of sources, not {}.")
    for split, one in splits.items():
        if not hasattr(one, "__len__") or not hasattr(one, "__getitem__"):
            raise ValueError(
                f"{split!r}: expected a source with len(source) and source[i]"
                f", received {type(one).__name__}. Is it a sample? Pass a "
                "list of samples."
            )
        if len(one) == 0:
            raise ValueError(f"{split!r}: there is no sample in the source.")
    return dict(splits)


def _is_label(value):
    return value is None or isinstance(value, np.ndarray | np.generic | str)


def _unbatched(split, source):
    """The source itself, where batches of it are given."""
    if not isinstance(source, keras.utils.PyDataset):
        return source
    if not hasattr(source, "source"):
        raise ValueError(
            f"{split!r}: expected a source of samples, received the batches of "
            f"{type(source).__name__}. Pass what they are made of."
        )
    return source.source


def _check_options(on_error, classes, near_duplicates):
    if on_error not in ON_ERROR:
        raise ValueError(
            f"Expected on_error as one of {ON_ERROR}, received {on_error!r}."
            f"{hint(str(on_error), ON_ERROR)}"
        )
    for name, listed in classes.items():
        if isinstance(listed, str) or number_of_classes(listed) < 1:
            raise ValueError(
                f"classes[{name!r}]: expected a list of names or their number, "
                f"received {listed!r}."
            )
    if near_duplicates is not None and not 0 <= near_duplicates < BITS:
        raise ValueError(
            f"Expected near_duplicates as a number of bits from 0 to "
            f"{BITS - 1}, or None, received {near_duplicates!r}."
        )


def _classes_of(source):
    classes = getattr(source, "classes", None)
    if not isinstance(classes, collections.abc.Mapping):
        return {}
    return dict(classes)
