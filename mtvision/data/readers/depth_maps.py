"""Images with depth maps."""

import numpy as np

from mtvision.data.readers import images as image_files
from mtvision.data.readers.file_listing import (
    images_inside,
    maps_inside,
    without_suffix,
)
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    check_map_size,
    existing_folder,
)


class DepthMaps(FileSource):
    """A source of images with depth, from PNG files of 8 or 16 bits.

    Args:
        images: Folder of the images.
        depths: Folder of the PNG depth maps, named as the images.
        unit: Metres of a step of the stored numbers: 0.001 for millimetres,
            1 / 256 for KITTI, 1 / 5000 for TUM RGB-D.
        not_measured: Stored number of pixels without a measurement.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image and map when opening. Without it
            only headers are read.

    Attributes:
        files: List of the files of the samples.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file` and `depth` (H, W)
    float32 in metres, NaN where it was not measured; None if there is no map.

    Raises:
        ValueError: If a folder does not exist, no image has a map, or a
            sample is damaged.

    Example:

    >>> rooms = DepthMaps(  # doctest: +SKIP
    ...     "rooms/color", "rooms/depth", unit=0.001
    ... )
    >>> np.nanmax(rooms[0]["depth"])  # doctest: +SKIP
    np.float32(4.213)
    """

    def __init__(
        self,
        images,
        depths,
        *,
        unit,
        not_measured=0,
        on_error="raise",
        verify=False,
    ):
        super().__init__(images, on_error=on_error, verify=verify)
        if not (np.isfinite(unit) and unit > 0):
            raise ValueError(
                "Expected unit as metres of a stored step, for example 0.001 "
                f"for millimetres, received {unit!r}."
            )
        self.depths = existing_folder(depths)
        self.unit = unit
        self.not_measured = not_measured
        files = images_inside(self.images, self.findings)
        self._maps = maps_inside(self.depths, files, self.findings, "depth map")
        self._open(dict.fromkeys(files))

    def read_depth(self, file):
        """The depth (H, W) of an image file in metres, None without a map.

        Args:
            file: One of `files`.
        """
        path = self._maps.get(without_suffix(file))
        if path is None:
            return None
        stored = image_files.read_mask(path)
        depth = (stored * self.unit).astype("float32")
        depth[stored == self.not_measured] = np.nan
        return depth

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        path = self._maps.get(without_suffix(file))
        if path is None:
            note("no depth map")
        else:
            check_map_size(path, shape)
            if self.verify and np.isnan(self.read_depth(file)).all():
                note("depth map without a measurement")
        return {}

    def _labels(self, file, record, shape):
        return {"depth": self.read_depth(file)}
