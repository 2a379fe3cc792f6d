"""What a mixture says of its samples, as its sources say it."""

import bisect

import numpy as np

from mtvision.data.readers.findings import Findings
from mtvision.data.wrapped_source import OF_KEYPOINTS


class MixedDescription:
    """What the sources of a mixture say of their files, in its numbers.

    It has `files`, `path`, `column` and `report` only where a source has
    them, so that `hasattr` tells. The names of files begin with the name of
    their source, as in samples. It has `keypoint_names`, `flip_pairs` and
    `skeleton` where all sources that have any have the same.

    Attributes:
        sources: Dict of sources by name.
        starts: Tuple (S,): the number of the first sample of each source.

    Example:

    >>> class Photos(list):
    ...     files = ["a.png", "b.png"]
    >>> MixedDescription.files.fget(
    ...     mtv.data.mix({"cats": Photos([{}, {}]), "maps": [{}]})
    ... )
    ['cats: a.png', 'cats: b.png', 'maps: 0']
    """

    @property
    def files(self):
        """List of the files of the samples; numbers where a source has none."""
        self._require("files")
        found = []
        for name, source in self.sources.items():
            files = getattr(source, "files", None)
            if files is None:
                files = range(len(source))
            found += [f"{name}: {file}" for file in files]
        return found

    @property
    def findings(self):
        """What was found in the files of the sources: a dict from kind to
        list of places.
        """
        found = Findings()
        for name, source in self.sources.items():
            own = getattr(source, "findings", None) or {}
            for kind, places in own.items():
                for place in places:
                    found.add(kind, f"{name}: {place}")
        return found

    @property
    def path(self):
        """Function from the number of a sample to the path of its image, or
        None where its source knows none.
        """
        self._require("path")

        def path(index):
            index = range(len(self))[index]
            number = bisect.bisect_right(self.starts, index) - 1
            source = list(self.sources.values())[number]
            if not hasattr(source, "path"):
                return None
            return source.path(index - self.starts[number])

        return path

    @property
    def column(self):
        """Function from a field to the labels of all samples: an array where
        all sources have one of a kind, else a list, None for the samples of a
        source that has no such field.
        """
        self._require("column")

        def column(name):
            columns, errors = [], []
            for source in self.sources.values():
                try:
                    columns.append(source.column(name))
                # Where there is no such field, or no `column` at all.
                except (AttributeError, ValueError) as error:
                    columns.append([None] * len(source))
                    errors.append(error)
            if len(errors) == len(columns):
                raise ValueError(
                    f"No source has a column {name!r}. {errors[0]}"
                )
            kinds = {
                (each.dtype.kind, each.shape[1:])
                if isinstance(each, np.ndarray)
                else None
                for each in columns
            }
            if len(kinds) == 1 and None not in kinds:
                return np.concatenate(columns)
            return [label for each in columns for label in each]

        return column

    @property
    def report(self):
        """Function that gives the reports of the sources, one below another."""
        self._require("report")

        def report():
            return "\n\n".join(
                f"{name}: {source.report()}"
                for name, source in self.sources.items()
                if hasattr(source, "report")
            )

        return report

    def of_sources(self, sources):
        """A mixture of other sources in the same shares.

        Args:
            sources: Dict by the same names. One that is empty is taken out.

        Returns:
            A `Mixture`. Its epochs shrink as the number of all samples does,
            unless their size was asked for.
        """
        kept = [len(sources[name]) > 0 for name in self.sources]
        shares = self.shares[kept]
        number = sum(len(source) for source in sources.values())
        size = self.epoch_size
        if "epoch_size" not in self.chosen:
            size = max(round(size * number / len(self)), 1)
        return type(self)(
            {name: each for name, each in sources.items() if len(each)},
            shares / shares.sum() if len(shares) else shares,
            size,
            chosen=self.chosen,
        )

    def __getattr__(self, name):
        # Asked only for what is not found; while a copy is made, for all.
        sources = vars(self).get("sources", {})
        names = [name] if name in OF_KEYPOINTS else []
        told = [getattr(s, k, None) for s in sources.values() for k in names]
        told = [each for each in told if each is not None and len(each)]
        if not told or not all(np.array_equal(told[0], x) for x in told):
            raise AttributeError(
                f"The sources {list(sources)} have no {name!r}, or not the "
                "same."
            )
        return told[0]

    def _require(self, name):
        if not any(hasattr(each, name) for each in self.sources.values()):
            raise AttributeError(
                f"None of the sources {list(self.sources)} has {name!r}."
            )
