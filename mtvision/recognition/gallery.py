"""A gallery of known people: one image adds one, without training."""

import contextlib

import numpy as np

from mtvision.ops.option_checks import require_count
from mtvision.recognition import gallery_file
from mtvision.recognition.checks import (
    as_embeddings,
    require_known,
    require_name,
    require_threshold,
)
from mtvision.recognition.face_rows import FaceRows
from mtvision.recognition.match import Match


class Gallery:
    """Names of people, and embeddings of their faces.

    Whose face is nearest, by squared Euclidean distance, is who it is; if even
    that is farther than the threshold, it is nobody of the gallery.

    On disk it is one file. Readers see the old or the new one, never a part:
    it is written beside, and moved into its place. `edit` is for several
    writers: each waits for its turn, and none loses what another has added.

    Args:
        size: D, numbers of an embedding.
        threshold: The largest squared distance of faces of one person; see
            `mtvision.metrics.choose_threshold`.

    Attributes:
        names: List of the people, in the order in which they came.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> gallery = Gallery(2, threshold=0.5)
    >>> gallery.add("Ann", [1.0, 0.0])
    >>> gallery.add("Bob", [0.0, 1.0])
    >>> gallery.identify([0.9, 0.1]).name
    'Ann'
    >>> print(gallery.identify([-1.0, 0.0]).name)
    None
    >>> gallery.verify("Bob", [0.9, 0.1])
    False
    """

    def __init__(self, size, *, threshold):
        require_count(size, 1, "size")
        require_threshold(threshold)
        self.size = size
        self.threshold = threshold
        self._faces = FaceRows(size)
        self._known_file = None

    @property
    def names(self):
        """List of the people, in the order in which they came."""
        return list(self._faces.people)

    @property
    def num_faces(self):
        """Number of faces of all people."""
        return len(self._faces)

    def __len__(self):
        """Number of people."""
        return len(self._faces.people)

    def __contains__(self, name):
        return name in self._faces.people

    def __repr__(self):
        return (
            f"Gallery({self.size}, threshold={self.threshold}): {len(self)} "
            f"people, {self.num_faces} faces"
        )

    def add(self, name, embedding, *, force=False):
        """Adds a face of a person, who may be new.

        Args:
            name: Name of the person.
            embedding: Array (D,).
            force: Whether to add it also if the gallery would know it as
                another person's, or as none of this person's.

        Raises:
            ValueError: If the embedding is unsound; or, without `force`, if
                the face is claimed for two.
        """
        require_name(name)
        (row,) = self._one(embedding)
        if not force and len(self):
            self._require_unclaimed(name, row)
        self._faces.append(name, row)

    def remove(self, name):
        """Removes a person with all faces.

        Args:
            name: Name of the person.

        Raises:
            ValueError: If there is nobody of that name.
        """
        require_known(name, self.names)
        self._faces.remove(name)

    def identify(self, embeddings):
        """Says who it is.

        Args:
            embeddings: Array (D,) or (N, D).

        Returns:
            `Match`, or a list of N of them. Its `name` is `None` if it is
            nobody of the gallery.

        Raises:
            ValueError: If the gallery is empty, or an embedding unsound.
        """
        rows = as_embeddings(embeddings, self.size)
        if not len(self):
            raise ValueError(
                "Nobody can be identified by an empty gallery. Add people "
                "first: gallery.add(name, embedding)."
            )
        found = [self._match(*self._faces.nearest(row)) for row in rows]
        return found if np.ndim(embeddings) == 2 else found[0]

    def verify(self, name, embedding):
        """Says whether it is the person who is claimed.

        Args:
            name: Name of the person.
            embedding: Array (D,).

        Returns:
            Whether a face of the person is within the threshold.

        Raises:
            ValueError: If there is nobody of that name, or the embedding is
                unsound.
        """
        require_known(name, self.names)
        (row,) = self._one(embedding)
        return self._faces.distance(name, row) <= self.threshold

    def save(self, path, *, overwrite=False):
        """Writes the gallery to a file, at once or not at all.

        Args:
            path: Path of the file.
            overwrite: Whether to replace a file that this gallery was not
                read from or written to last. With several writers take
                `edit` instead.

        Raises:
            ValueError: If there is such a file, and `overwrite` is not set;
                or inside of an `edit` of it.
        """
        with gallery_file.locked(path):
            found = gallery_file.digest_of(path)
            if found is not None and not overwrite:
                self._require_own(path, found)
            self._write(path)

    @classmethod
    def load(cls, path):
        """Reads a gallery from a file.

        Args:
            path: Path of the file.

        Returns:
            `Gallery`.

        Raises:
            ValueError: If the file is missing, damaged or no gallery.
        """
        fields, digest = gallery_file.read(path)
        gallery = cls(int(fields["size"]), threshold=float(fields["threshold"]))
        gallery._faces.fill(fields["names"], fields["owners"], fields["rows"])
        gallery._known_file = digest
        return gallery

    @classmethod
    @contextlib.contextmanager
    def edit(cls, path):
        """Reads a gallery, and writes it back at the end of the block.

        Other writers wait meanwhile, in this process and in others; readers
        do not. If the block raises, nothing is written.

        Args:
            path: Path of the file.

        Yields:
            `Gallery`.

        Raises:
            ValueError: As for `load`; or inside of another `edit` of it.
        """
        gallery_file.require_file(path)  # A lock of nothing would stay there.
        with gallery_file.locked(path):
            gallery = cls.load(path)
            yield gallery
            gallery._write(path)

    def _one(self, embedding):
        rows = as_embeddings(embedding, self.size)
        if len(rows) != 1:
            raise ValueError(
                f"Expected one embedding ({self.size},), received {len(rows)}."
            )
        return rows

    def _match(self, name, distance):
        known = name if distance <= self.threshold else None
        return Match(name=known, distance=distance, nearest=name)

    def _require_unclaimed(self, name, row):
        other, distance = self._faces.nearest(row, without=name)
        if other is not None and distance <= self.threshold:
            raise ValueError(
                f"This face of {name!r} is that of {other!r} by its squared "
                f"distance of {distance:.3g}; the threshold is "
                f"{self.threshold:.3g}. Two people cannot claim one face. Take "
                "another image, or add it with force=True."
            )
        if name not in self:
            return
        distance = self._faces.distance(name, row)
        if distance > self.threshold:
            raise ValueError(
                f"This face is not that of {name!r}, whose faces are at least "
                f"a squared distance of {distance:.3g} away; the threshold is "
                f"{self.threshold:.3g}. Two people of one name need two names; "
                "else add it with force=True."
            )

    def _require_own(self, path, found):
        if found != self._known_file:
            raise ValueError(
                f"{path} holds another gallery than this one was read from, "
                "whose people would be lost. Add them by "
                "`with Gallery.edit(path) as gallery:`, or set overwrite=True."
            )

    def _write(self, path):
        fields = {"size": self.size, "threshold": self.threshold}
        fields |= self._faces.fields()
        self._known_file = gallery_file.write(path, fields)
