"""Key points in a CSV table."""

from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.keypoint_names import flip_pairs
from mtvision.data.readers.point_columns import read_points


class KeypointTable(FileSource):
    """A source of images with the key points of one animal or person each.

    Args:
        images: Folder of the images.
        table: CSV file with a row for each image, the file in its first
            column. Either its columns are named `nose_x`, `nose_y` and, if
            you like, `nose_visible` (0, 1 or 2); or it has DeepLabCut's lines
            `bodyparts` and `coords` on top. An empty cell is a point that is
            not given.
        key: Name of the column of files, if it is not the first.
        keypoint_offset: Added to x and y. Tools like DeepLabCut number the
            centres of pixels, which are at half-integers here.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers are read.
        follow_links: Whether images that the table names may be links that
            lead out of their folder.

    Attributes:
        files: List of the files of the samples.
        keypoint_names: List of the names of the K key points.
        flip_pairs: List of pairs of numbers of key points that change places
            in a mirrored image, as far as `left` and `right` in names tell.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file` and `keypoints`
    (K, 3) float32 of x, y in pixels and visibility: 2, or 0 where the point
    is not given; None if no point of the image is.

    Raises:
        ValueError: If the table is missing or malformed, or a sample is
            damaged.

    Example:

    >>> mice = KeypointTable(  # doctest: +SKIP
    ...     "mice/images", "mice/keypoints.csv"
    ... )
    >>> mice.keypoint_names, mice[0]["keypoints"].shape  # doctest: +SKIP
    (['snout', 'leftear', 'rightear', 'tailbase'], (4, 3))

    Reference:
        Mathis et al., "DeepLabCut: markerless pose estimation of user-defined
        body parts with deep learning", 2018.
    """

    known_fields = ("keypoints",)

    def __init__(
        self,
        images,
        table,
        *,
        key=None,
        keypoint_offset=0.5,
        on_error="raise",
        verify=False,
        follow_links=False,
    ):
        super().__init__(
            images, on_error=on_error, verify=verify, follow_links=follow_links
        )
        self.keypoint_offset = keypoint_offset
        self.keypoint_names, rows = read_points(table, key=key)
        self.flip_pairs = flip_pairs(self.keypoint_names)
        for file in images_inside(self.images, self.findings):
            if file not in rows:
                self.findings.add("image without a row, left out", file)
        self._open(rows)

    def _look_at(self, file, entry, note):
        height, width = self._look_at_image(file, note)
        points = entry.astype("float32")
        given = points[:, 2] > 0
        points[given, :2] += self.keypoint_offset
        points[~given, :2] = 0
        x, y = points[:, 0], points[:, 1]
        beyond = (x < 0) | (y < 0) | (x > width) | (y > height)
        for row in (beyond & given).nonzero()[0]:
            note("key point outside of the image", f" ({self._name(row)})")
        for row in (~given).nonzero()[0]:
            note("key point not given", f" ({self._name(row)})")
        return {"keypoints": points if given.any() else None}

    def _name(self, number):
        return self.keypoint_names[number]
