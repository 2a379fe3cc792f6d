"""Looking once at every file of a source when it is opened."""

import concurrent.futures
import pathlib
import warnings

from mtvision.data.readers import images as image_files
from mtvision.ops.box_faults import box_faults

DAMAGED = "damaged, left out"
EMPTY = "inverted or without area"
ON_ERROR = ("raise", "skip")
# Characters of a detail, which may quote what a file says.
LONGEST = 500
# Files that a thread looks at in one go: handing one over takes as long as
# reading a header.
CHUNK = 32


def scan(entries, look_at, findings):
    """Looks at all files, several at a time.

    Args:
        entries: Dict from the file of an image to what is known of it.
        look_at: Function of a file, its entry and `note(kind, detail="")`,
            which adds a finding. It returns a record, and raises an error if
            the sample is damaged.
        findings: The `Findings` to add to.

    Returns:
        Dict from file to record, of the sound samples.

    Example:

    >>> from mtvision.data.readers.findings import Findings
    >>> findings = Findings()
    >>> def look_at(file, entry, note):
    ...     note("small")
    ...     return entry + 1
    >>> scan({"a.png": 1}, look_at, findings), findings
    ({'a.png': 2}, {'small': ['a.png']})
    """

    def look(file):
        notes = []

        def note(kind, detail=""):
            notes.append((kind, detail))

        try:
            return look_at(file, entries[file], note), notes
        except ValueError as error:
            return None, [(DAMAGED, f": {error}")]
        # A file that may not be read; a number where a list should be.
        except (OSError, TypeError, AttributeError, OverflowError) as error:
            kind = type(error).__name__
            return None, [(DAMAGED, f": malformed or locked ({kind}: {error})")]

    records = {}
    for file, (record, notes) in zip(entries, _map(look, list(entries))):
        for kind, detail in notes:
            findings.add(kind, f"{file}{detail:.{LONGEST}}")
        if record is not None:
            records[file] = record
    return records


def _map(function, files):
    def look_at_all(start):
        return [function(file) for file in files[start : start + CHUNK]]

    # Decoders run outside of Python's lock, so that threads do help.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for results in pool.map(look_at_all, range(0, len(files), CHUNK)):
            yield from results


def report_damage(findings, number, *, on_error, stacklevel):
    """Raises for damaged samples, or warns that they are left out.

    Args:
        findings: The `Findings` of the scan.
        number: Number of the sound samples.
        on_error: `"raise"` or `"skip"`.
        stacklevel: As of `warnings.warn`.

    Raises:
        ValueError: If samples are damaged and `on_error` is `"raise"`, or none
            is sound.
    """
    damaged = findings.get(DAMAGED, [])
    if not damaged:
        return
    share = f"{len(damaged)} of {len(damaged) + number} samples are damaged"
    shown = "\n  ".join(damaged[:5])
    if on_error == "raise" or number == 0:
        raise ValueError(
            f"{share}:\n  {shown}\nCorrect them, or pass on_error='skip' to "
            "leave them out."
        )
    warnings.warn(
        f"{share} and left out:\n  {shown}\nSee report().",
        stacklevel=stacklevel + 1,
    )


def existing_folder(path):
    """A path as `pathlib.Path`; raises unless it is a folder."""
    path = pathlib.Path(path)
    if not path.is_dir():
        raise ValueError(f"{path}: there is no such folder.")
    return path


def look_at_image(path, note, *, verify):
    """Notes what an image file hides.

    Args:
        path: Path of the file.
        note: Function of the kind and the detail of a finding.
        verify: Whether to decode it too.

    Returns:
        Its shape, (H, W).

    Raises:
        ValueError: If the file is missing or damaged.
    """
    header = image_files.read_header(path)
    if header["fault"]:
        note("named otherwise", f" ({header['fault']})")
    if header["turned"]:
        note("turned by the camera, read as stored")
    if verify:
        image_files.read_image(path)
    return header["shape"]


def check_map_size(path, shape):
    """Raises unless an image file of a map has the size of its image.

    Args:
        path: Path of the map; only its header is read.
        shape: (H, W) of the image.

    Raises:
        ValueError: If the file is damaged or the sizes differ.
    """
    found = image_files.read_header(path)["shape"]
    if found != shape:
        raise ValueError(
            f"{path}: the map has size {found}, the image {shape} (height, "
            "width)"
        )


def note_voc(voc, shape, note):
    """Notes what is strange in an annotation file.

    Args:
        voc: What `read_voc` read.
        shape: (H, W) of the image.
        note: Function of the kind and the detail of a finding.
    """
    for oddity in voc["oddities"]:
        note("XML otherwise than VOC's", f" ({oddity})")
    if voc["size"] not in (None, shape):
        note("size in XML differs", f" ({voc['size']}, {shape})")
    note_box_faults(voc["boxes"], shape, note, written=voc["written"])


def note_box_faults(boxes, shape, note, *, written=None):
    """Notes each faulty box.

    Args:
        boxes: (M, 4) xyxy in pixels.
        shape: (H, W) of the image.
        note: Function of the kind and the detail of a finding.
        written: The boxes (M, 4) as the file has them, where a convention
            turns a box without area into one of a pixel.

    Example:

    >>> note_box_faults(np.array([[2.0, 2, 2, 2]]), (4, 4), print)
    box inverted or without area  (object 0: [2.0, 2.0, 2.0, 2.0])
    """
    faults = box_faults(boxes, shape)
    if written is None:
        written = boxes
    else:
        faults[EMPTY] = faults[EMPTY] | box_faults(written, None)[EMPTY]
    for kind, faulty in faults.items():
        for row in faulty.nonzero()[0]:
            note(f"box {kind}", f" (object {row}: {written[row].tolist()})")
