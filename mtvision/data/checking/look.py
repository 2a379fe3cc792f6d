"""Reading and judging one sample of a source, as a thread does it."""

import collections
from typing import NamedTuple

from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding
from mtvision.data.checking.inspection import defects_of, inspect
from mtvision.data.checking.measures import Measures, measure
from mtvision.data.checking.mending import mend
from mtvision.data.checking.pictures import check_channels, check_file


class Look(NamedTuple):
    """What was seen of one sample.

    Attributes:
        file: Its file, or None.
        findings: List of `Finding`.
        measures: Its `Measures`, or None if it cannot be read.
        mended: Counter of what is to be mended, by kind.
        sound: Whether it has no defect, after mending.
    """

    file: str | None
    findings: list
    measures: Measures | None
    mended: collections.Counter
    sound: bool


def look(source, index, *, known, fix=False, near=False):
    """Reads and judges one sample.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        index: Number of the sample.
        known: Dict from field to number of classes.
        fix: Whether to mend defects that have one right way.
        near: Whether to compute what shows near-duplicates.

    Returns:
        `Look`.

    Example:

    >>> look([{"label": 3}], 0, known={}).findings[0].kind
    'no image'
    """
    try:
        sample = source[index]
    # Readers and decoders raise errors of every kind on damaged files.
    except Exception as error:
        found = [Finding(kinds.UNREADABLE, "", _message(error))]
        file = _file_of(source, index, {})
        return Look(file, found, None, collections.Counter(), False)
    sound, findings = inspect(sample, known)
    path = source.path(index) if hasattr(source, "path") else None
    if path is not None:
        findings += check_file(path)
    else:
        findings += check_channels(sound)
    labels = sample if kinds.NO_IMAGE not in _kinds(findings) else sound
    mended, is_sound = _try_to_mend(sample, findings, known, fix)
    return Look(
        file=_file_of(source, index, labels),
        findings=findings,
        measures=measure(labels, sound, near=near),
        mended=mended,
        sound=is_sound,
    )


def _message(error):
    # What our readers raise says it all.
    if isinstance(error, ValueError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _kinds(findings):
    return {found.kind for found in findings}


def _file_of(source, index, labels):
    if labels.get("file") is not None:
        return str(labels["file"])
    files = getattr(source, "files", None)
    return None if files is None else str(files[index])


def _try_to_mend(sample, findings, known, fix):
    """What mending would do, and whether the sample is sound then."""
    nothing = collections.Counter()
    defects = _kinds(defects_of(findings))
    if not defects:
        return nothing, True
    if not fix or defects - kinds.MENDABLE:
        return nothing, False
    mended, counts = mend(sample, known)
    if defects_of(inspect(mended, known)[1]):
        return nothing, False
    return counts, True
