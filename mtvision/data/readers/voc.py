"""Reading the XML files of Pascal VOC and of the tools that write like it."""

import pathlib
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np


def read_voc(path, *, origin=1):
    """Reads the boxes of one annotation file.

    Args:
        path: Path of the XML file.
        origin: Number of the first pixel. VOC counts from 1 and includes the
            last pixel, so that 1 is subtracted from xmin and ymin only. 0
            takes the four numbers as the edges of the box.

    Returns:
        Dict of `boxes` (M, 4) float32 xyxy, `names`, a list of M strings, and
        `size`, (height, width) as the file says or None.

    Raises:
        ValueError: If the file is missing, malformed or declares entities.

    Example:

    >>> read_voc("xmls/cat.xml")["names"]  # doctest: +SKIP
    ['cat']
    """
    try:
        root = _parse(pathlib.Path(path).read_bytes())
        objects = root.findall("object")
        boxes = [_box(item.find("bndbox")) for item in objects]
        names = [_text(item, "name") for item in objects]
        size = root.find("size")
        if size is not None:
            size = (int(_text(size, "height")), int(_text(size, "width")))
    except (OSError, ElementTree.ParseError, expat.ExpatError) as error:
        raise ValueError(f"{path}: cannot be read as XML ({error}).") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from error
    boxes = np.array(boxes, "float32").reshape(-1, 4)
    boxes[:, :2] -= origin
    return {"boxes": boxes, "names": names, "size": size}


def _parse(text):
    # Nested entities can unfold to gigabytes; no annotation needs any.
    def refuse(*_):
        raise ValueError("declares XML entities, which are refused")

    guard = expat.ParserCreate()
    guard.EntityDeclHandler = refuse
    guard.Parse(text, True)
    return ElementTree.fromstring(text)


def _box(element):
    if element is None:
        raise ValueError("an object has no <bndbox>")
    return [float(_text(element, k)) for k in ("xmin", "ymin", "xmax", "ymax")]


def _text(element, name):
    text = element.findtext(name)
    if text is None or not text.strip():
        raise ValueError(f"<{element.tag}> has no <{name}>")
    return text.strip()
