"""Reading the lines of CSV files."""

import collections
import csv

from mtvision.data.readers.text_files import read_lines


def read_rows(path):
    """Yields the rows of a CSV file, one at a time.

    Args:
        path: Path of the file, UTF-8.

    Yields:
        `(place, cells)`: file and line, for messages, and a list of texts.
        Rows without any cell are left out.

    Raises:
        ValueError: If the file is missing or malformed.

    Example:

    >>> list(read_rows("labels.csv"))  # doctest: +SKIP
    [('labels.csv, line 1', ['file', 'kind']), ...
    """
    reader = csv.reader(read_lines(path, "table"), strict=True)
    try:
        for cells in reader:
            if cells:
                yield f"{path}, line {reader.line_num}", cells
    except csv.Error as error:
        raise ValueError(
            f"{path}, line {reader.line_num}: cannot be read as CSV ({error})."
        ) from None


def read_named_rows(path):
    """Reads a CSV file whose first line names the columns.

    Args:
        path: Path of the file, UTF-8.

    Returns:
        List of the columns, and an iterator of `(place, row)`, where a row is
        a dict from column to text, or None where a line ends early.

    Raises:
        ValueError: If the file is missing or malformed, has a column twice, or
            a line has more cells than there are columns.

    Example:

    >>> columns, rows = read_named_rows("labels.csv")  # doctest: +SKIP
    >>> next(rows)  # doctest: +SKIP
    ('labels.csv, line 2', {'file': 'cat.jpg', 'kind': 'tabby'})
    """
    rows = read_rows(path)
    place, columns = next(rows, (path, []))
    require_distinct(place, columns)
    return columns, (_named(*row, columns) for row in rows)


def require_distinct(place, columns):
    """Raises if two columns have one name; several may have none.

    Args:
        place: File, perhaps with a line, for the message.
        columns: List of names.

    Raises:
        ValueError: Naming those that are there twice.

    Example:

    >>> require_distinct("labels.csv", ["file", "kind", "", ""])
    """
    counts = collections.Counter(filter(None, columns))
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(
            f"{place}: the columns {sorted(twice)[:5]} are there twice."
        )


def _named(place, cells, columns):
    if len(cells) > len(columns):
        raise ValueError(
            f"{place}: expected {len(columns)} cells, received {len(cells)}. "
            'Texts with commas need quotes: "red, round".'
        )
    return place, dict.fromkeys(columns) | dict(zip(columns, cells))
