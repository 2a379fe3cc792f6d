"""Annotation files that a stranger made to hurt."""

import json
import os
import pathlib
import shutil

import numpy as np
import pytest

from mtvision.data import (
    CocoInstances,
    CocoPanoptic,
    Folder,
    KeypointTable,
    VerificationPairs,
    VocDetection,
    Yolo,
    read_voc,
)
from mtvision.data.hints import hint
from mtvision.data.readers.coco_json import read_json
from mtvision.data.readers.csv_files import read_rows
from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_names import checked_name
from mtvision.data.readers.findings import Findings
from mtvision.data.readers.json_files import load_json
from mtvision.data.readers.run_lengths import check_runs
from mtvision.data.readers.table import encode_column, read_table
from mtvision.data.readers.text_files import LARGEST, read_lines, read_text
from mtvision.data.readers.voc import LARGEST_XML
from mtvision.data.readers.yolo_labels import read_yolo

CATEGORY = {"id": 7, "name": "cat", "isthing": 1}
BOX = {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]}
XML = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
    "<xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>"
)
NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../b.png",
    r"C:\..\b.png",
    r"..\b.png",
    r"\\host\share\b.png",
    "a\0.png",
    "a\n.png",
    "a" * 5000,
    "a" * 300 + ".png",
    "a/" * 3000 + "b.png",
    ".",
    "",
    chr(0xD800) + ".png",
    5,
    ["a.png"],
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name!r:.20}")
def test_names_of_other_places_are_refused(name):
    with pytest.raises(ValueError, match="t.csv, line 2: expected") as caught:
        checked_name("t.csv, line 2", name)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def coco(root, write, name, **options):
    content = {
        "images": [{"id": 1, "file_name": name}],
        "categories": [CATEGORY],
        "annotations": [BOX],
    }
    path = write("coco.json", content)
    return CocoInstances(root / "images", path, **options)


def panoptic(root, write, name, **options):
    segment = {"id": 5, "category_id": 7, "bbox": [0, 0, 16, 12]}
    content = {
        "images": [{"id": 1, "file_name": "own.png"}],
        "categories": [CATEGORY],
        "annotations": [
            {"image_id": 1, "file_name": name, "segments_info": [segment]}
        ],
    }
    path = write("coco.json", content)
    return CocoPanoptic(root / "images", path, root / "images", **options)


def table(root, write, name, **options):
    path = write("labels.csv", f"file,kind\n{name},cat\n")
    return Folder(root / "images", table=path, **options)


def points(root, write, name, **options):
    path = write("points.csv", f"file,nose_x,nose_y\n{name},3,4\n")
    return KeypointTable(root / "images", path, **options)


def pairs(root, write, name, **options):
    path = write("pairs.csv", f"x,y,same\nown.png,{name},1\n")
    return VerificationPairs(root / "images", path, **options)


def voc(root, write, name, **options):
    if not (root / "JPEGImages").exists():
        (root / "JPEGImages").symlink_to(root / "images")
    stem = name.rpartition(".")[0]
    write(f"Annotations/{pathlib.PurePath(stem).name}.xml", XML)
    write("ImageSets/Main/train.txt", f"{stem}\n")
    return VocDetection(root, split="train", **options)


@pytest.fixture(params=[coco, panoptic, table, points, pairs, voc])
def opened(request, tmp_path, draw, write):
    """Opens a source whose annotations name a file."""
    draw("images/own.png")
    draw("secret.png", seed=1)
    return lambda name, **k: request.param(tmp_path, write, name, **k)


def test_one_file_has_one_name(opened):
    """A mask, for one, is found by the name of its image."""

    def outcome(name):
        try:
            source = opened(name)
            return source.files, source[0]
        except ValueError as error:  # This map has none of its segments.
            return str(error)

    np.testing.assert_equal(outcome(".//own.png"), outcome("own.png"))


def test_names_lead_to_the_folder_only(opened):
    for name in ("../secret.png", "/etc/passwd.png", r"..\secret.png"):
        with pytest.raises(ValueError, match="inside the folder"):
            opened(name)


def test_links_stay_inside_unless_they_are_followed(opened, tmp_path):
    link = tmp_path / "images/link.png"
    link.symlink_to(tmp_path / "secret.png")
    with pytest.raises(
        ValueError, match=r"link\.png is a link .* to .*secret.*follow_links"
    ):
        opened("link.png")
    assert len(opened("link.png", follow_links=True)) == 1
    link.unlink()
    # A link inside, and a folder that is itself a link, are as good as files.
    shutil.move(tmp_path / "images", tmp_path / "elsewhere")
    (tmp_path / "images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/link.png").symlink_to("own.png")
    assert len(opened("link.png")) == 1


def test_a_users_own_links_are_followed(tmp_path, draw):
    secret = draw("secret.png")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/link.png").symlink_to(secret)
    assert len(Folder(tmp_path / "images")) == 1


def test_devices_and_pipes_are_not_read(opened, tmp_path):
    (tmp_path / "images/link.png").symlink_to("/dev/zero")
    with pytest.raises(ValueError, match=r"link\.png"):
        opened("link.png")
    (tmp_path / "images/link.png").unlink()
    os.mkfifo(tmp_path / "images/link.png")
    with pytest.raises(ValueError, match=r"link\.png.*device or pipe"):
        opened("link.png")


def test_annotations_that_are_pipes_or_folders_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        for read in (read_text, read_voc, load_json):
            with pytest.raises(ValueError, match="there is no such"):
                read(path)


def test_a_folder_may_be_named_as_an_image(tmp_path, draw):
    draw("images/x.jpg/a.png")
    (tmp_path / "images/x.jpg/loop").symlink_to(tmp_path / "images")
    found = images_inside(tmp_path / "images", Findings())
    assert found == ["x.jpg/a.png"]


def test_names_that_cannot_be_printed_are_left_out(tmp_path, draw):
    name = os.fsencode(tmp_path) + b"/images/b\xff.png"
    draw("images/a.png").rename(os.fsdecode(name))
    findings = Findings()
    assert images_inside(tmp_path / "images", findings) == []
    str(findings).encode()
    assert list(findings) == ["name is not UTF-8, left out"]


ENTITIES = "".join(
    f'<!ENTITY e{k} "{f"&e{k - 1};" * 10 if k else "ha"}">' for k in range(10)
)
HOSTILE_XML = {
    "a billion laughs": f"<!DOCTYPE a [{ENTITIES}]><a>&e9;</a>",
    "quadratic blow-up": (
        f'<!DOCTYPE a [<!ENTITY e "{"x" * 50000}">]><a>{"&e;" * 50000}</a>'
    ),
    "external entity": (
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    ),
    "external DTD": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "default attributes": (
        f'<!DOCTYPE a [<!ATTLIST b c CDATA "{"x" * 50000}">]>'
        f"<a>{'<b/>' * 50000}</a>"
    ),
}


@pytest.mark.parametrize("kind", HOSTILE_XML)
def test_xml_that_declares_anything_is_refused(tmp_path, kind):
    path = tmp_path / "a.xml"
    path.write_text(HOSTILE_XML[kind])
    with pytest.raises(ValueError, match=r"a\.xml.*DOCTYPE"):
        read_voc(path)


def test_xml_that_is_deep_long_or_strange(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text("<a>" * 100_000 + "</a>" * 100_000)
    assert read_voc(path)["names"] == []
    path.write_text(XML.replace("<object", f'<object x="{"x" * 1_000_000}"'))
    assert read_voc(path)["names"] == ["cat"]
    path.write_text(f"<a>{' ' * LARGEST_XML}</a>")
    with pytest.raises(ValueError, match=r"a\.xml.* bytes at most"):
        read_voc(path)
    for encoding in ("base64", "rot13", "nonsense", "utf-7"):
        path.write_text(f'<?xml version="1.0" encoding="{encoding}"?><a/>')
        with pytest.raises(ValueError, match=r"a\.xml"):
            read_voc(path)


HOSTILE_JSON = {
    "deep": ("[" * 100_000, "recursion"),
    "deep dicts": ('{"a":' * 100_000, "recursion"),
    "huge number": ("[" + "9" * 100_000 + "]", "4300 digits"),
    "key twice": ('{"images": [1], "images": []}', "'images' is there twice"),
    "not UTF-8": (b'"\xff"', "JSON"),
    "long text": ('"' + "x" * 1_100_000 + '"', "a million characters"),
    "long text of quotes": ('["' + '\\"' * 600_000, "a million characters"),
    "empty": ("", "JSON"),
}


@pytest.mark.parametrize("kind", HOSTILE_JSON)
def test_hostile_json_is_refused(tmp_path, kind):
    text, message = HOSTILE_JSON[kind]
    path = tmp_path / "a.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=rf"a\.json: .*{message}") as caught:
        read_json(path, [])
    assert len(str(caught.value)) < 1000


def test_much_between_two_texts_is_no_text(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a\\\\": 1' + " " * 1_100_000 + ', "b": 2}')
    assert load_json(path) == {"a\\": 1, "b": 2}


WRONG = {
    ("images", 0): [5, None, [], "a", {"id": 1}],
    ("images", 0, "id"): [None, [], float("nan"), True, {}],
    ("images", 0, "file_name"): [5, [], {}, None],
    ("categories", 0): [5, None, []],
    ("categories", 0, "id"): [float("inf"), [], True],
    ("categories", 0, "name"): [5, [], {}, None, chr(0xD800)],
    ("categories", 0, "keypoints"): [5, "nose", [5], [[]], {"a": 1}],
    ("categories", 0, "skeleton"): [5, [5], [[1]], [[1, 9]], [[0, 1]], "ab"],
    ("annotations", 0): [5, None, []],
    ("annotations", 0, "image_id"): [None, [], float("nan")],
    ("annotations", 0, "category_id"): [None, [], True, 8, {}],
    ("annotations", 0, "bbox"): [5, [], [[], [], [], []], [10**400] * 4],
    ("annotations", 0, "iscrowd"): [[1], float("inf"), float("nan"), "x"],
    ("annotations", 0, "keypoints"): [5, "abc", [10**400, 1, 2], [[]]],
    ("annotations", 0, "segmentation"): [
        5,
        [5],
        [[1e9, 0, 0, 1e9, 5, 5]],
        [[0, 0, 1e4, 1e4] * 100],
        [[float("nan")] * 6],
        {"counts": [2**62] * 3 + [2**62 + 192], "size": [12, 16]},
        {"counts": [10**400], "size": [12, 16]},
        {"counts": [191.5, 0.5], "size": [12, 16]},
        {"counts": None, "size": [12, 16]},
        {"counts": [192], "size": [10**9, 10**9]},
        {"counts": "~~~", "size": [12, 16]},
    ],
}


def sound_coco():
    return {
        "images": [{"id": 1, "file_name": "own.png"}],
        "categories": [
            {"id": 7, "name": "cat", "keypoints": ["a"], "skeleton": [[1, 1]]}
        ],
        "annotations": [
            {**BOX, "keypoints": [1, 2, 2], "segmentation": [[1, 2] * 3]}
        ],
    }


@pytest.mark.parametrize("place", WRONG, ids=str)
def test_wrong_types_at_each_level_of_coco(tmp_path, draw, write, place):
    draw("images/own.png")

    def read(content):
        path = write("coco.json", content)
        options = {"masks": True, "verify": True}
        return CocoInstances(tmp_path / "images", path, **options)

    assert len(read(sound_coco())) == 1
    for value in WRONG[place]:
        content = sound_coco()
        holder = content
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = value
        with pytest.raises(ValueError, match=r"coco\.json|damaged|Expected"):
            read(content)


def test_numbers_that_are_too_large_are_found(tmp_path, draw):
    draw("images/own.png")
    path = tmp_path / "coco.json"
    content = sound_coco()
    content["annotations"][0] |= {"bbox": ["BOX"], "area": 1}
    text = json.dumps(content).replace('["BOX"]', "[1e400, NaN, 1e300, -1e400]")
    path.write_text(text.replace('"area": 1', '"area": 1e300'))
    source = CocoInstances(tmp_path / "images", path)
    assert len(source.findings["box non-finite"]) == 1
    assert np.isnan(source[0]["area"]).all()


def test_masks_that_no_memory_holds_are_refused(tmp_path, draw, write):
    draw("images/own.png", size=(500, 500))
    content = sound_coco()
    content["annotations"] *= 18_000
    path = write("coco.json", content)
    source = CocoInstances(tmp_path / "images", path, masks=True)
    with pytest.raises(ValueError, match=r"18000 masks .* 4 GiB"):
        source[0]


def test_sums_of_run_lengths_do_not_run_over():
    # In 64 bits these add up to 12.
    counts = [2**62, 2**62, 2**62, 2**62 + 12]
    with pytest.raises(ValueError, match="run lengths add up"):
        check_runs(counts, (3, 4))


HOSTILE_CSV = {
    "long cell": (f"file,a\nx.jpg,{'x' * 200_000}\n", "line 2.*field limit"),
    "open quote": ('file,a\nx.jpg,"b\ny.jpg,c\n', "unexpected end"),
    "open quote, long": ('file,a\nx.jpg,"' + "b\n" * 100_000, "field limit"),
    "long line": (f"file,a\nx.jpg,{',' * 1_100_000}", "line has 1048576"),
    "zero": ("file,a\nx\0.jpg,b\n", "it holds zeros"),
    "not UTF-8": (b"file,a\nx.jpg,\xff\n", "not UTF-8"),
    "UTF-16": ("file,a\nx.jpg,b\n".encode("utf-16-le"), "zeros, as UTF-16"),
    "column twice": ("file,a,a\nx.jpg,b,c\n", r"\['a'\] are there twice"),
    "too many cells": ("file,a\nx.jpg,b,c\n", "line 2.*received 3"),
}


@pytest.mark.parametrize("kind", HOSTILE_CSV)
def test_hostile_tables_are_refused(tmp_path, kind):
    text, message = HOSTILE_CSV[kind]
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=rf"t\.csv.*{message}") as caught:
        read_table(path, "file")
    assert len(str(caught.value)) < 500


def test_a_caption_without_end_takes_no_memory(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("file,caption\nx.jpg,")
    os.truncate(path, 2**33)  # zeros, which take no room on the disk
    with pytest.raises(ValueError, match="line has 1048576"):
        list(read_rows(path))
    with pytest.raises(ValueError, match=f"{LARGEST} bytes at most"):
        read_text(path)
    with pytest.raises(ValueError, match="bytes at most"):
        read_voc(path)


def test_lines_are_those_of_the_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffcät\r\ndog\rcow".encode())
    assert "".join(read_lines(path)) == read_text(path) == "cät\ndog\ncow"


def test_classes_that_are_no_numbers_keep_their_order():
    texts = dict(enumerate(["10", "nan", "9", "inf"]))
    assert encode_column(texts, None, "a")[1] == ["10", "9", "inf", "nan"]
    for text in ("1e39", "inf", "-1e400", "x"):
        with pytest.raises(ValueError, match="finite number"):
            encode_column({"a.png": text}, float, "age")


def test_points_that_float32_does_not_hold_are_refused(tmp_path, draw, write):
    draw("images/own.png")
    for text in ("1e39", "inf", "1e400"):
        path = write("points.csv", f"file,nose_x,nose_y\nown.png,{text},4\n")
        with pytest.raises(ValueError, match="line 2"):
            KeypointTable(tmp_path / "images", path)
    path = write("points.csv", "file,a_x,a_y,a_x\nown.png,1,2,3\n")
    with pytest.raises(ValueError, match=r"\['a_x'\] are there twice"):
        KeypointTable(tmp_path / "images", path)


@pytest.mark.parametrize("line", ["0 nan 0 0 0", "0 1e400 0 0 0", "0 x 0 0 0"])
def test_strange_numbers_of_yolo_name_their_line(tmp_path, line):
    path = tmp_path / "a.txt"
    path.write_text(line)
    with pytest.raises(ValueError, match=r"a\.txt, line 1"):
        read_yolo(path, (12, 16), num_classes=1)


def test_polygons_of_yolo_without_end_are_refused(tmp_path, draw, write):
    draw("images/a.png")
    write("labels/a.txt", "0 0 0 1e9 1e9 5 5")
    folders = (tmp_path / "images", tmp_path / "labels")
    with pytest.raises(ValueError, match=r"line 1.*polygons reach"):
        Yolo(*folders, names=["cat"], masks=True)


def test_hints_of_long_names_are_not_searched():
    assert hint("x" * 100_000, ["y" * 100_000]) == ""
