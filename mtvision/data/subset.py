"""A part of a source."""

import numpy as np

from mtvision.data.readers.findings import of_files
from mtvision.data.wrapped_source import OF_KEYPOINTS, WrappedSource


def refuse_mixture(source, what):
    """Raises if a source is a `Mixture`.

    Args:
        source: Any source.
        what: What should be done with its sources instead, for the message.

    Raises:
        ValueError: If it is one.

    Example:

    >>> refuse_mixture(["a", "b"], "split")
    """
    if hasattr(source, "epoch_rows"):
        raise ValueError(
            "The shares and the order of a mixture would be lost: "
            f"{what} its sources, then mix them."
        )


class Subset(WrappedSource):
    """Some samples of a source, as a source.

    What the source says of its samples (`files`, `path`, `column`,
    `findings`, `report`) is said of these; `classes`, `keypoint_names`,
    `flip_pairs` and `skeleton` are the source's.

    Args:
        source: Any object with `len(source)` and `source[i]`. Of a `Mixture`,
            whose shares a part would not have, only to look at or evaluate.
        indices: Which of its samples, in their new order.

    Example:

    >>> Subset("abcd", [3, 0])[1]
    'a'
    """

    forwarded = ("classes", *OF_KEYPOINTS)

    def __init__(self, source, indices):
        super().__init__(source)
        self.indices = np.asarray(indices, "int64")

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, index):
        return self.source[int(self.indices[index])]

    # Properties, so that a subset has them only where its source has.

    @property
    def findings(self):
        """What was found in the files of these samples."""
        findings = self.source.findings
        return of_files(findings, self.files if findings else ())

    @property
    def files(self):
        """List of the files of the samples."""
        files = self.source.files
        return [files[index] for index in self.indices]

    @property
    def path(self):
        """Function from the number of a sample to the path of its image."""
        path = self.source.path
        return lambda index: path(int(self.indices[index]))

    @property
    def column(self):
        """Function from a field to the labels of all samples."""
        column = self.source.column

        def part(name):
            labels = column(name)
            if isinstance(labels, np.ndarray):
                return labels[self.indices]
            return [labels[index] for index in self.indices]

        return part

    @property
    def report(self):
        """Function that gives what was found in the files, to print."""
        whole = self.source.report().partition("\n")[0]
        return lambda: f"{len(self)} of {whole}\n{self.findings}"
