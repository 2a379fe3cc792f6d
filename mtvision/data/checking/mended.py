"""A source whose samples are mended when they are read."""

from mtvision.data.checking.mending import mend
from mtvision.data.wrapped_source import OF_KEYPOINTS, WrappedSource


class Mended(WrappedSource):
    """A source whose samples are mended when they are read.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        indices: Which samples to mend; the others are left as they are.
        known: Dict from field to number of classes.

    It has the `classes`, `files`, `findings` and `path` of the source, and
    what that tells of key points, where it has them.

    Example:

    >>> semantic = np.array([[0, 7]])
    >>> source = [{"image": np.zeros((1, 2, 3)), "semantic": semantic}]
    >>> Mended(source, [0], {"semantic": 2})[0]["semantic"].tolist()
    [[0, -1]]
    """

    # What describes a source and is as true of it when it is mended.
    forwarded = ("classes", "files", "findings", "path", *OF_KEYPOINTS)

    def __init__(self, source, indices, known):
        super().__init__(source)
        self.indices = frozenset(indices)
        self.known = known

    def __getitem__(self, index):
        sample = self.source[index]
        if index % len(self) in self.indices:
            sample, _ = mend(sample, self.known)
        return sample
