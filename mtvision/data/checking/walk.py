"""The walk through all samples of all splits."""

import collections
import concurrent.futures
import functools
import os

import numpy as np

from mtvision.data.checking import kinds, overview
from mtvision.data.checking.cleaned import cleaned
from mtvision.data.checking.duplicates import Duplicates, near_duplicates
from mtvision.data.checking.finding import Finding
from mtvision.data.checking.inspection import defects_of
from mtvision.data.checking.look import look
from mtvision.data.checking.place import Place
from mtvision.data.checking.reader_findings import reader_findings
from mtvision.data.checking.report import Report
from mtvision.data.checking.statistics import Statistics


class Walk:
    """One walk through all samples, which fills a `Report`.

    Args:
        splits: Dict from split to source.
        classes: Dict from split to dict from field to class names, or their
            number.
        on_error: `"raise"`, `"skip"` or `"fix"`.
        near: Bits in which near-duplicates may differ, or None.

    Example:

    >>> image = np.zeros((2, 2, 3), "uint8")
    >>> walk = Walk({"all": [{"image": image}]}, {"all": {}}, on_error="skip")
    >>> list(walk.run())
    [1]
    >>> list(walk.report.findings)
    ['image of one colour']
    """

    def __init__(self, splits, classes, *, on_error, near=None):
        self.splits = splits
        self.on_error = on_error
        self.near = near
        statistics = {split: Statistics() for split in splits}
        self.report = Report(statistics, classes)
        self._seen = Duplicates()
        self._hashes = []
        self._files = []

    def run(self):
        """Walks; yields the number of samples seen so far."""
        number = 0
        for split, source in self.splits.items():
            known = {
                name: overview.number_of_classes(listed)
                for name, listed in self.report.classes[split].items()
            }
            to_mend, self._files = [], []
            self.report.mended[split] = collections.Counter()
            self.report.dropped[split] = {}
            for index, seen in enumerate(self._look(source, known)):
                if self._take(split, index, seen):
                    to_mend.append(index)
                number += 1
                yield number
            self._overlook(split, source)
            self.report.sources[split] = self._source(split, to_mend, known)
        self._compare()

    def _look(self, source, known):
        """The `Look` at each sample, in order."""
        one = functools.partial(
            look,
            source,
            known=known,
            fix=self.on_error == "fix",
            near=self.near is not None,
        )
        return in_threads(one, len(source))

    def _take(self, split, index, seen):
        """Notes what was seen of a sample; returns whether to mend it."""
        self._files.append(seen.file)
        place = Place(split, index, seen.file)
        findings = seen.findings + self._copies(place, seen.measures)
        for found in findings:
            self._add(place, found)
        self.report.statistics[split].add(seen.measures)
        defects = defects_of(findings)
        if not defects:
            return False
        if self.on_error == "raise":
            _raise(place, defects[0])
        reasons = {found.kind for found in defects}
        if not seen.sound or kinds.DUPLICATE_BETWEEN in reasons:
            self.report.dropped[split][index] = sorted(reasons)
            return False
        self.report.mended[split].update(seen.mended)
        return True

    def _copies(self, place, measures):
        if measures is None or measures.digest is None:
            return []
        copies = self._seen.add(place.split, place.index, measures.digest)
        if not copies and measures.near is not None:
            self._hashes.append((place, measures.near))
        return copies

    def _add(self, place, found):
        place = place._replace(field=found.field, detail=found.detail)
        self.report.findings.setdefault(found.kind, []).append(place)

    def _overlook(self, split, source):
        """Notes what holds for a whole split, and what its reader found."""
        statistics = self.report.statistics[split]
        classes = self.report.classes[split]
        for index, names in enumerate(statistics.missing()):
            for name in names:
                place = Place(split, index, self._files[index])
                self._add(place, Finding(kinds.MISSING, name))
        for found in overview.check_split(statistics, classes):
            self._add(Place(split), found)
        for kind, place in reader_findings(split, source):
            self.report.findings.setdefault(kind, []).append(place)

    def _compare(self):
        """Compares images that are alike, and the classes of splits."""
        for split, found in overview.check_class_lists(self.report.classes):
            self._add(Place(split), found)
        if self.near is None:
            return
        hashes = np.array([bits for _, bits in self._hashes], "uint64")
        for index, other, bits in near_duplicates(hashes, self.near):
            earlier = self._hashes[other][0]
            detail = f"{bits} of 64 bits from {earlier}"
            found = Finding(kinds.NEAR_DUPLICATE, "image", detail)
            self._add(self._hashes[index][0], found)

    def _source(self, split, to_mend, known):
        dropped = self.report.dropped[split]
        return cleaned(self.splits[split], to_mend, dropped, known)


def _raise(place, found):
    place = place._replace(field=found.field, detail=found.detail)
    raise ValueError(
        f"{place}\nThis is a defect, {found.kind!r}. "
        f"{kinds.DEFECTS[found.kind]} Or pass on_error='skip' to leave such "
        "samples out, 'fix' to mend what has one right way."
    )


def in_threads(function, number):
    """Calls a function of 0, 1, 2, ... in threads; yields results in order.

    Only a few results wait at a time.

    Example:

    >>> list(in_threads(lambda index: index**2, 4))
    [0, 1, 4, 9]
    """
    workers = os.cpu_count() or 1
    waiting = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for index in range(number):
            waiting.append(pool.submit(function, index))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
