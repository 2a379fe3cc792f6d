"""What sources of image files have in common."""

import operator

from mtvision.data.hints import hint
from mtvision.data.readers import images as image_files
from mtvision.data.readers.file_names import inside
from mtvision.data.readers.findings import Findings
from mtvision.data.readers.scanning import (
    ON_ERROR,
    existing_folder,
    look_at_image,
    report_damage,
    scan,
)


class FileSource:
    """A source of samples of which each has an image file.

    A reader calls `_open` with what it knows of each file, and says in
    `_look_at` what a sound sample is and in `_labels` what it gives.

    Args:
        images: Folder of the images.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every file when opening, at some 5 ms each.
            Without it only headers and annotations are read.
        follow_links: Whether files may be links that lead out of `images`.

    Attributes:
        files: List of the files of the samples, relative to `images`.
        classes: Dict from field to its list of class names.
        findings: `Findings`, dict from kind of finding to the list of its
            places.

    Raises:
        ValueError: If the folder does not exist.
    """

    # Fields of objects that are known without reading images.
    known_fields = ()

    def __init__(
        self, images, *, on_error="raise", verify=False, follow_links=True
    ):
        self.images = existing_folder(images)
        self.on_error = on_error
        self.verify = verify
        self.follow_links = follow_links
        self.findings = Findings()
        self.files, self.classes = [], {}
        self._columns = {}
        if on_error not in ON_ERROR:
            raise ValueError(
                f"Expected on_error as one of {ON_ERROR}, received "
                f"{on_error!r}."
            )

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        index = self._number(index)
        file = self.files[index]
        image = image_files.read_image(self.images / file)
        sample = {"file": file, "image": image}
        for name, labels in self._columns.items():
            sample[name] = labels[index]
        record = self._records[file]
        return sample | self._labels(file, record, image.shape[:2])

    def path(self, index):
        """The `pathlib.Path` of the image of a sample.

        Args:
            index: Number of the sample.
        """
        return self.images / self.files[self._number(index)]

    def column(self, name):
        """The labels of all N samples, without reading images.

        Args:
            name: A field with one label for each sample, or one of objects
                that annotations tell, as `"boxes"`.

        Returns:
            Array (N, ...); of objects a list of N arrays, (M, ...) each, or
            None where a sample is not labelled.

        Raises:
            ValueError: If there is no such field.
        """
        if name in self._columns:
            return self._columns[name]
        records = [self._records[file] for file in self.files]
        given = [k for k in self.known_fields if any(k in r for r in records)]
        if name not in given:
            known = [*self._columns, *given]
            raise ValueError(
                f"There is no column {name!r} among {known}.{hint(name, known)}"
            )
        return [record.get(name) for record in records]

    def report(self):
        """What was found in the files, as a table to print."""
        return f"{len(self)} samples in {self.images}\n{self.findings}"

    def _number(self, index):
        """The number of a sample, 0 or more."""
        try:
            number = operator.index(index)
        except TypeError:
            raise TypeError(
                "Expected the number of a sample, received "
                f"{type(index).__name__}. For several samples: "
                "mtvision.data.Subset(source, range(10))."
            ) from None
        if not -len(self) <= number < len(self):
            raise IndexError(f"There is no sample {number} of {len(self)}.")
        return number % len(self)

    def _open(self, entries, *, stacklevel=3):
        """Looks at the files.

        Args:
            entries: Dict from file to what is known of it.
            stacklevel: Where a warning is shown; 3 is the caller of the
                constructor that calls this.
        """
        if not entries:
            raise ValueError(f"{self.images}: there is no image to read.")
        self._records = scan(entries, self._look_at, self.findings)
        report_damage(
            self.findings,
            len(self._records),
            on_error=self.on_error,
            stacklevel=stacklevel,
        )
        self.files = list(self._records)

    def _look_at_image(self, file, note):
        """The shape (H, W) of an image; notes what it hides."""
        path = inside(self.images, file, follow_links=self.follow_links)
        return look_at_image(path, note, verify=self.verify)

    def _look_at(self, file, entry, note):
        """What is kept of a file, a dict; a ValueError if it is damaged."""
        raise NotImplementedError

    def _labels(self, file, record, shape):
        """The labels of a sample, whose image has the `shape` (H, W): a dict
        from field to array or None.
        """
        return dict(record)
