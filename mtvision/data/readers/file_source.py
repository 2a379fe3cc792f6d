"""What sources of image files have in common."""

from mtvision.data.hints import hint
from mtvision.data.readers import images as image_files
from mtvision.data.readers.findings import Findings
from mtvision.data.readers.scanning import (
    ON_ERROR,
    existing_folder,
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

    Attributes:
        files: List of the files of the samples, relative to `images`.
        classes: Dict from field to its list of class names.
        findings: `Findings`, dict from kind of finding to the list of its
            places.

    Raises:
        ValueError: If the folder does not exist.
    """

    def __init__(self, images, *, on_error="raise", verify=False):
        self.images = existing_folder(images)
        self.on_error = on_error
        self.verify = verify
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
        return self.images / self.files[index]

    def column(self, name):
        """The labels (N, ...) of all samples, without reading images.

        Args:
            name: A field with one label for each sample.

        Raises:
            ValueError: If there is no such field.
        """
        if name not in self._columns:
            raise ValueError(
                f"There is no column {name!r} among {list(self._columns)}."
                f"{hint(name, self._columns)}"
            )
        return self._columns[name]

    def report(self):
        """What was found in the files, as a table to print."""
        return f"{len(self)} samples in {self.images}\n{self.findings}"

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

    def _look_at(self, file, entry, note):
        """What is kept of a file, a dict; a ValueError if it is damaged."""
        raise NotImplementedError

    def _labels(self, file, record, shape):
        """The labels of a sample, whose image has the `shape` (H, W): a dict
        from field to array or None.
        """
        return dict(record)
