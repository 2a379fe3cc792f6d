"""Looking once at every file of a `Folder`."""

import concurrent.futures

from mtvision.data.readers import images as image_files
from mtvision.data.readers.voc import read_voc
from mtvision.ops.box_faults import box_faults

DAMAGED = "damaged, left out"
IGNORED = 255


def scan(folder, files):
    """Reads the annotations of all files, and checks images and masks.

    Args:
        folder: The `Folder`, whose `findings` are added to.
        files: List of files, relative to its images.

    Returns:
        List of records of the sound samples: dicts of `file`, `boxes` (M, 4)
        or None, and `names`, a list of M class names or None.
    """
    # Decoders run outside of Python's lock, so that threads do help.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        scanned = list(pool.map(lambda file: _look_at(folder, file), files))
    records = []
    for file, (record, findings) in zip(files, scanned):
        for kind, detail in findings:
            folder.findings.add(kind, f"{file}{detail}")
        if record is not None:
            records.append(record)
    return records


def _look_at(folder, file):
    """The record of one file, or None if it is damaged, and findings."""
    findings = []
    try:
        shape = _look_at_image(folder, file, findings)
        record = {"file": file, "boxes": None, "names": None}
        if folder.boxes is not None:
            record |= _look_at_boxes(folder, file, shape, findings)
        if folder.masks is not None:
            _look_at_mask(folder, file, shape, findings)
    except ValueError as error:
        return None, [(DAMAGED, f": {error}")]
    return record, findings


def _look_at_image(folder, file, findings):
    path = folder.images / file
    header = image_files.read_header(path)
    if header["fault"]:
        findings.append(("named otherwise", f" ({header['fault']})"))
    if header["turned"]:
        findings.append(("turned by the camera, read as stored", ""))
    if folder.verify:
        image_files.read_image(path)
    return header["shape"]


def _look_at_boxes(folder, file, shape, findings):
    path = (folder.boxes / file).with_suffix(".xml")
    if not path.exists():
        findings.append(("no boxes", ""))
        return {}
    voc = read_voc(path, origin=folder.box_origin)
    if folder.box_classes is not None:
        _check_names(path, voc["names"], folder.box_classes)
    number = len(voc["boxes"])
    if number == 0:
        findings.append(("boxes given, but none", ""))
    if number > 1:
        findings.append(("more than one box", f" ({number})"))
    if voc["size"] not in (None, shape):
        findings.append(("size in XML differs", f" ({voc['size']}, {shape})"))
    for kind, fault in box_faults(voc["boxes"], shape).items():
        if fault.any():
            findings.append((f"box {kind}", ""))
    return {"boxes": voc["boxes"], "names": voc["names"]}


def _check_names(path, names, classes):
    for name in names:
        if name not in classes:
            raise ValueError(
                f"{path}: there is no class {name!r} in box_classes "
                f"{list(classes)}"
            )


def _look_at_mask(folder, file, shape, findings):
    path = (folder.masks / file).with_suffix(".png")
    if not path.exists():
        findings.append(("no mask", ""))
        return
    if not folder.verify:
        return
    mask = folder.read_mask(file)
    if mask.shape != shape:
        raise ValueError(
            f"{path}: the mask has size {mask.shape}, the image {shape} "
            "(height, width)"
        )
    if not ((mask > 0) & (mask != IGNORED)).any():
        findings.append(("mask without foreground", ""))
