"""Good files for `fuzz.py`, and how to spoil and read a single one."""

import io
import json

import numpy as np
from PIL import Image

import mtvision as mtv
from mtvision.data.readers import run_lengths, yolo_labels, yolo_names
from mtvision.data.readers.point_columns import read_points
from mtvision.data.readers.table import encode_column, read_table
from mtvision.data.readers.verification_pairs import read_pairs
from mtvision.data.readers.voc_detection import read_split

VALUES = [
    *(None, True, False, 0, 1, -1, 2, 7, 0.5, 255, 10**6, 2**31, 2**63, 10**30),
    *(float("nan"), float("inf"), -1e300, 1e39, 1e-320, 10**400),
    *("", "a", "1", "nan", "../b.png", "/etc/passwd", "a" * 400, "\ud800"),
    *([], [0], [[]], [1, 2], [1e9] * 6, {}, {"a": 1}, {"counts": "04"}),
]
TOKENS = [
    *(b"", b",", b"\n", b"\r", b'"', b"'", b"\0", b"\xff", b"<", b">", b"&"),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b"#",
        b"- ",
        b"nan",
        b"inf",
        b"-1",
        b"1e39",
    ),
    *(b"1e400", b"-1e300", b"0", b"2", b"999999999999", b"../../etc/passwd"),
    *(b"\xef\xbb\xbf", b"<!DOCTYPE a>", b"<object>", b"</object>", b"&x;"),
    *(b"x" * 5000, b"\xed\xa0\x80", b"<name>", b"names:", b"file", b"a.png"),
]
OBJECT = (
    "<object><name>{}</name><difficult>0</difficult><bndbox><xmin>2</xmin>"
    "<ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>"
)
XML = (
    '<?xml version="1.0"?><annotation><size><width>16</width><height>12'
    f"</height></size>{OBJECT.format('cat')}{OBJECT.format('dog')}</annotation>"
)


def spoil_bytes(content, rng, most=4):
    """Cuts, doubles and replaces parts of some bytes."""
    content = bytearray(content)
    for _ in range(rng.randint(0, most)):
        start = rng.randint(0, len(content))
        end = min(len(content), start + rng.choice([0, 1, 2, 4, 9, 40]))
        choice = rng.randint(0, 5)
        if choice == 0:
            content[start:end] = b""
        elif choice == 1:
            content[start:start] = content[start:end]
        elif choice == 2:
            content[start:end] = bytes(rng.choices(range(256), k=end - start))
        elif choice == 3 and rng.random() < 0.3:
            del content[start:]
        else:
            content[start:end] = rng.choice(TOKENS)
    return bytes(content)


def spoil_json(content, rng, most=3):
    """Replaces, doubles, removes parts of nested lists and dicts."""
    for _ in range(rng.randint(0, most)):
        holder, places = content, []
        while isinstance(holder, dict | list) and holder:
            keys = list(holder) if isinstance(holder, dict) else None
            key = rng.choice(keys or range(len(holder)))
            places.append((holder, key))
            holder = holder[key]
        if not places:
            return content
        holder, key = places[-1 - min(rng.randint(0, 3), len(places) - 1)]
        choice = rng.randint(0, 4)
        if choice == 0:
            del holder[key]
        elif choice == 1 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = rng.choice(VALUES)
    return content


def json_bytes(content, rng):
    """JSON, now and then with bytes that are wrong."""
    text = json.dumps(content).encode()
    return spoil_bytes(text, rng, 2) if rng.random() < 0.2 else text


FORMATS = [
    *(("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "I;16")),
    *(("JPEG", "RGB"), ("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "RGB")),
    *(("TIFF", "RGB"), ("TIFF", "CMYK"), ("TIFF", "F"), ("WEBP", "RGBA")),
    *(("ICO", "RGB"), ("TGA", "RGB"), ("PPM", "RGB"), ("JPEG2000", "RGB")),
    *(("PCX", "P"), ("SGI", "RGB"), ("DDS", "RGB"), ("IM", "RGB")),
]


def encoded(rng):
    """An image file, of any format and mode."""
    kind, mode = rng.choice(FORMATS)
    values = np.arange(20 * 24, dtype="uint16").reshape(20, 24)
    image = Image.fromarray(values)
    if mode != "I;16":
        image = Image.fromarray((values % 256).astype("uint8")).convert(mode)
    memory = io.BytesIO()
    image.save(memory, kind)
    return memory.getvalue()


def image_bytes(folder, rng):
    """`read_image`, `read_mask`."""
    path = folder / "a.png"
    path.write_bytes(spoil_bytes(encoded(rng), rng))
    read = rng.choice([mtv.data.read_image, mtv.data.read_mask])
    return [read(path)]


TEXTS = {
    "a.xml": XML.encode(),
    "t.csv": b'file,kind\na.png,"cat, tabby"\nb.png,dog\n',
    "p.csv": b"file,a_x,a_y\na.png,1,2\n",
    "pairs.csv": b"x,y,same\na.png,b.png,1\n",
    "y.txt": b"0 0.5 0.5 0.4 0.4\n1 0.1 0.1 0.9 0.1 0.9 0.9\n",
    "d.yaml": b"path: .\nnames: [cat, 'dog', \"a, b\"] # two\n",
    "train.txt": b"a\nb\nc\n",
    "runs": b"d0T34",
}


def parse(name, content, folder):
    """Reads the bytes of one file of `TEXTS`."""
    path = folder / name
    path.write_bytes(content)
    if name == "a.xml":
        return mtv.data.read_voc(path)["difficult"]
    if name == "t.csv":
        rows = read_table(path, "file")
        column = {file: row.get("kind") for file, row in rows.items()}
        return encode_column(column, None, "kind")[0]
    if name == "p.csv":
        return len(read_points(path)[1])
    if name == "pairs.csv":
        return len(read_pairs(path))
    if name == "y.txt":
        return yolo_labels.read_yolo(path, (12, 16), num_classes=2)["classes"]
    if name == "d.yaml":
        return len(yolo_names.class_names(path))
    if name == "train.txt":
        return len(read_split(path))
    counts = run_lengths.decompress_runs(content)
    run_lengths.check_runs(counts, (12, 16))
    return run_lengths.decode_runs(counts, (12, 16))


def text_bytes(folder, rng):
    """Each reader of one file."""
    name = rng.choice(list(TEXTS))
    content = TEXTS[name]
    if rng.random() < 0.2:
        content = bytes(rng.choices(range(256), k=rng.randint(0, 60)))
    return [parse(name, spoil_bytes(content, rng, 6), folder)]
