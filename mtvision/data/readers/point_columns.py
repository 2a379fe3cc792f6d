"""Reading key points out of the columns of a CSV table."""

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers.csv_files import read_rows, require_distinct
from mtvision.data.readers.file_names import checked_name

VISIBLE = 2
# DeepLabCut's lines on top.
SCORER, INDIVIDUALS, PARTS, COORDS = (
    "scorer",
    "individuals",
    "bodyparts",
    "coords",
)


def read_points(path, *, key=None):
    """Reads a table of key points.

    Args:
        path: Path of a CSV file, UTF-8, see `KeypointTable`.
        key: Name of the column of files; by default the first.

    Returns:
        List of the K names, and a dict from file to an array (K, 3) of x, y
        as the table has them and visibility, 0 where a point is not given.

    Raises:
        ValueError: If the table is missing or malformed. It names the line.

    Example:

    >>> read_points("keypoints.csv")  # doctest: +SKIP
    (['snout'], {'img0000.png': array([[ 21.521, 265.428,   2.   ]])})
    """
    found = list(read_rows(path))
    lines = [cells for _, cells in found]
    columns, start = _find_columns(path, lines)
    files, names, places = _plan(path, columns, key)
    rows = {}
    for place, line in found[start:]:
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(columns):
            raise ValueError(
                f"{place}: expected {len(columns)} cells, received {len(line)}."
            )
        file = "/".join(line[column].strip() for column in files)
        file = checked_name(place, file)
        if file in rows:
            raise ValueError(f"{place}: {file!r} has a second row. Keep one.")
        rows[file] = np.array([_read_point(place, line, at) for at in places])
    if not rows:
        raise ValueError(f"{path}: the table has no row.")
    return names, rows


def _find_columns(path, lines):
    """The names of the columns, as `nose_x`, and the number of lines on top."""
    heads = {}
    for line in lines:
        if not line or line[0] not in (SCORER, INDIVIDUALS, PARTS, COORDS):
            break
        heads[line[0]] = line
    if INDIVIDUALS in heads:
        raise ValueError(
            f"{path}: it has several animals in an image. Expected one; make a "
            "table for each, or a COCO file for CocoInstances."
        )
    if PARTS in heads and COORDS in heads:
        pairs = zip(heads[PARTS], heads[COORDS])
        # The columns of files have no name of a body part in the first line.
        columns = [
            f"{part}_{axis}" if axis and axis != COORDS else ""
            for part, axis in pairs
        ]
        return columns, len(heads)
    if not lines:
        raise ValueError(f"{path}: the table is empty.")
    return [cell.strip() for cell in lines[0]], 1


def _plan(path, columns, key):
    """Columns of the file, names of the points, columns of each point."""
    if any(name.endswith("_likelihood") for name in columns):
        raise ValueError(
            f"{path}: it has likelihoods, so that it holds predictions. "
            "Expected labels."
        )
    numbers = {name: number for number, name in enumerate(columns) if name}
    names = [
        name[:-2]
        for name in numbers
        if name.endswith("_x") and f"{name[:-2]}_y" in numbers
    ]
    if not names:
        raise ValueError(
            f"{path}: expected columns such as nose_x and nose_y, received "
            f"{columns}."
        )
    require_distinct(path, columns)
    if key is None:
        # DeepLabCut spreads the path over several columns without a name.
        files = [k for k, name in enumerate(columns) if not name] or [0]
    elif key in numbers:
        files = [numbers[key]]
    else:
        raise ValueError(
            f"{path}: there is no column {key!r} among {columns}."
            f"{hint(key, columns)}"
        )
    places = [
        (numbers[f"{n}_x"], numbers[f"{n}_y"], numbers.get(f"{n}_visible"))
        for n in names
    ]
    return files, names, places


def _read_point(place, line, columns):
    """x, y and visibility of a point; NaN, NaN, 0 where it is not given."""
    x, y, visible = columns
    cells = [line[column].strip() for column in (x, y)]
    try:
        point = [float(cell or "nan") for cell in cells]
        stated = VISIBLE if visible is None else float(line[visible] or 0)
    except ValueError as error:
        raise ValueError(f"{place}: {error}.") from None
    too_large = np.abs(point) > np.finfo("float32").max
    if too_large.any() or np.isnan(point[0]) != np.isnan(point[1]):
        raise ValueError(
            f"{place}: expected x and y, or both empty, received {cells}."
        )
    if stated not in (0, 1, 2):
        raise ValueError(
            f"{place}: expected a visibility of 0, 1 or 2, received {stated:g}."
        )
    return [*point, 0 if np.isnan(point[0]) else stated]
