"""Reading the XML files of Pascal VOC and of the tools that write like it."""

from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers.text_files import read_bytes

# Bytes; an object has two hundred.
LARGEST_XML = 2**23


def read_voc(path, *, origin=1):
    """Reads the boxes of one annotation file.

    Args:
        path: Path of the XML file.
        origin: Number of the first pixel. VOC counts from 1 and includes the
            last pixel, so that 1 is subtracted from xmin and ymin only. 0
            takes the four numbers as the edges of the box.

    Returns:
        Dict of `boxes` (M, 4) float32 xyxy, `written`, the same four numbers
        as the file has them, `names`, a list of M strings, `difficult` (M,)
        int32 (0 where the file does not say), `size`, (height, width) as the
        file says or None, and `oddities`, a list of what it says otherwise
        than VOC does.

    Raises:
        ValueError: If the file is missing, malformed, too large or has a
            DOCTYPE.

    Example:

    >>> read_voc("xmls/cat.xml")["names"]  # doctest: +SKIP
    ['cat']
    """
    text = read_bytes(path, "XML file", largest=LARGEST_XML)
    try:
        root = _parse(text)
        objects = root.findall("object")
        boxes = [_box(item.find("bndbox")) for item in objects]
        names = [_text(item, "name") for item in objects]
        odd = []
        hard = [_flag(item, "difficult", odd) for item in objects]
        size = _size(root.find("size"), odd)
    except (ElementTree.ParseError, expat.ExpatError, LookupError) as error:
        raise ValueError(f"{path}: cannot be read as XML ({error}).") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from error
    written = np.array(boxes, "float32").reshape(-1, 4)
    return {
        "boxes": written - np.float32([origin, origin, 0, 0]),
        "written": written,
        "names": names,
        "difficult": np.array(hard, "int32"),
        "size": size,
        "oddities": odd,
    }


def check_class_names(path, names, classes):
    """Raises unless all names of an annotation file are classes.

    Args:
        path: Path of the file, for the message.
        names: List of class names.
        classes: The known ones.

    Raises:
        ValueError: Naming the file and the class.
    """
    for name in names:
        if name not in classes:
            raise ValueError(
                f"{path}: there is no class {name!r} among {list(classes)}."
                f"{hint(name, classes)}"
            )


def _parse(text):
    # What it declares can unfold to gigabytes, entities and the default values
    # of attributes alike, or lead to other files. No annotation needs any.
    def refuse(*_):
        raise ValueError(
            "it has a DOCTYPE, which may declare entities; delete that line"
        )

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    guard.Parse(text, True)
    return ElementTree.fromstring(text)


def _box(element):
    if element is None:
        raise ValueError("an object has no <bndbox>")
    return [_number(element, k) for k in ("xmin", "ymin", "xmax", "ymax")]


def _number(element, name):
    text = _text(element, name)
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"<{name}> should be a number, received {text!r}"
        ) from None


def _flag(element, name, odd):
    text = (element.findtext(name) or "0").strip()
    if text not in ("0", "1"):
        odd.append(f"<{name}> is {text!r}, read as 0")
    return int(text == "1")


def _size(element, odd):
    """(height, width), or None where the file does not say."""
    if element is None:
        return None
    size = []
    for name in ("height", "width"):
        text = (element.findtext(name) or "").strip()
        if not text.isdecimal():
            odd.append(f"<{name}> is {text!r}")
        try:
            size.append(int(float(text)))
        except (ValueError, OverflowError):
            return None
    return tuple(size)


def _text(element, name):
    text = element.findtext(name)
    if text is None or not text.strip():
        raise ValueError(f"<{element.tag}> has no <{name}>")
    return text.strip()
