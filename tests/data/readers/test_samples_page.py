"""The page docs/samples.md: its code runs, and its table is true."""

import pathlib
import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

import mtvision as mtv
from mtvision.data import fields

PAGE = pathlib.Path(__file__).parents[3] / "docs/samples.md"
TEXT = PAGE.read_text()
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
XML = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
    "<xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>"
)


def annotation(**others):
    square = [[2, 2, 6, 2, 6, 6, 2, 6]]
    known = {"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 2, 4, 4]}
    return known | {"segmentation": square} | others


def coco(*annotations, **category):
    return {
        "images": [{"id": 1, "file_name": "1.png", "height": 12, "width": 16}],
        "categories": [{"id": 7, "name": "cat", "isthing": 1} | category],
        "annotations": annotations,
    }


@pytest.fixture
def files(tmp_path, monkeypatch, draw, write):
    """The files that the page reads."""
    pytest.importorskip("pycocotools")
    monkeypatch.chdir(tmp_path)
    for name in (
        "flowers/rose/1",
        "pets/images/1",
        "camvid/train/1",
        "coco/val2017/1",
        "VOCdevkit/VOC2007/JPEGImages/1",
        "signs/images/1",
        "rooms/color/1",
        "faces/anna/1",
        "faces/bert/1",
        "mice/images/1",
    ):
        draw(f"{name}.png")
    ones = np.ones((12, 16), "uint8")
    for name in ("pets/trimaps", "camvid/trainannot", "rooms/depth"):
        write(f"{name}/1.png", ones)
    write("coco/panoptic_val2017/1.png", np.dstack([ones, 0 * ones, 0 * ones]))
    write("pets/labels.csv", "file,breed,age\n1.png,Bengal,3\n")
    write("pets/xmls/1.xml", XML)
    write("VOCdevkit/VOC2007/Annotations/1.xml", XML)
    write("VOCdevkit/VOC2007/ImageSets/Main/train.txt", "1\n")
    write("faces/pairs.csv", "a,b,same\nanna/1.png,bert/1.png,0\n")
    write("mice/keypoints.csv", "file,nose_x,nose_y\n1.png,3,4\n")
    write("signs/labels/1.txt", "1 0.5 0.5 0.5 0.5\n")
    folder = "coco/annotations"
    write(f"{folder}/instances_val2017.json", coco(annotation()))
    names = ["nose", "left_eye", "right_eye"]
    write(
        f"{folder}/person_keypoints_val2017.json",
        coco(annotation(keypoints=[3, 4, 2] * 3), keypoints=names),
    )
    segments = {"file_name": "1.png", "segments_info": [annotation()]}
    write(f"{folder}/panoptic_val2017.json", coco({"image_id": 1} | segments))


@pytest.fixture
def names(files):
    """What the code of the page defines."""
    found = {}
    with tfds.testing.mock_data(num_examples=1):
        for block in CODE:
            exec(block, found)
    return found


SIZES = {"H": 12, "W": 16}


def fits(shape, text, sizes):
    """Whether a shape is of the form of a text such as "(M, H, W)"."""
    axes = [axis.strip() for axis in text.strip("()").split(",")]
    axes = [axis for axis in axes if axis]
    return len(axes) == len(shape) and all(
        size == int(sizes.get(axis, axis if axis.isdigit() else size))
        for size, axis in zip(shape, axes)
    )


def stated(text=TEXT):
    """Dict from field to the rows (shape, type) that a text states."""
    table = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            for name in re.findall(r"`(\w+)`", cells[0]):
                table.setdefault(name, []).append((cells[1], cells[2]))
    return table


def check_form(field, value, forms, sizes):
    assert any(
        fits(value.shape, shape, sizes) and value.dtype == kind
        for shape, kind in forms
    ), (field, value.shape, value.dtype, forms)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("SecondHandClothing", {"H": 32, "W": 32, "L": 32}),
        ("Novels", {"L": 80}),
        ("Posts", {"L": 60}),
        ("SyntheticVolumes", {"D": 40, "H": 40, "W": 40}),
    ],
)
def test_fields_of_made_sources_are_as_stated(name, sizes):
    part = TEXT[TEXT.index(f"| **`{name}`** |") :]
    table = stated(re.split(r"\n\n|\n\| \*\*", part)[0])
    sample = getattr(mtv.data, name)("train")[0]
    assert set(sample) == set(table), name
    for field, value in sample.items():
        check_form(field, value, table[field], sizes)


def test_every_field_of_every_reader_is_as_stated(names):
    table = stated()
    sources = {
        name: value
        for name, value in names.items()
        if isinstance(getattr(value, "files", None), list)
    }
    assert len(sources) == 15
    seen = set()
    for name, source in sources.items():
        # A crop is a square of the size of its object.
        sizes = {"H": 6, "W": 6} if name == "poses" else SIZES
        for field, value in source[0].items():
            if field in ("breed", "age", "file"):
                continue
            check_form(field, value, table[field], sizes)
            seen.add(field)
    assert {"keypoints", "masks", "panoptic", "depth", "same"} <= seen
    assert {"normals", "edges"} <= seen


def test_the_page_says_what_the_readers_do(names):
    panoptic = names["scenes"][0]
    np.testing.assert_array_equal(
        panoptic["panoptic"] // 1000, panoptic["semantic"]
    )
    assert names["persons"].flip_pairs == [(1, 2)]
    assert names["mirror"].flip_pairs == [(1, 2)]
    assert names["rooms"][0]["depth"][0, 0] == np.float32(0.001)
    assert names["train"][0]["boxes"].tolist() == [[0, 0, 9, 8]]
    assert names["signs"][0]["boxes"].tolist() == [[4, 3, 12, 9]]
    assert set(names["voc"][0]) == {"image", "boxes"}
    assert len(names["batches"]) == 1


def test_all_readers_and_words_are_on_the_page():
    for word in (*fields.OBJECT_AXES, *fields.MAP_WORDS):
        assert f"`{word}`" in TEXT, word
    readers = [name for name in dir(mtv.data) if _is_reader(name)]
    for name in set(readers) - {"read_image", "read_mask", "TfdsSource"}:
        assert f"mtv.data.{name}(" in TEXT or f"mtv.data.{name}`" in TEXT, name


def _is_reader(name):
    module = getattr(getattr(mtv.data, name), "__module__", "")
    return module.startswith("mtvision.data.readers.")


def test_what_all_readers_have(names):
    sources = [v for v in names.values() if hasattr(v, "findings")]
    assert len(sources) == 15
    for source in sources:
        assert source.report().startswith(f"{len(source)} samples")
        is_of_files = not isinstance(source, mtv.data.TfdsSource)
        for name in ("files", "path", "column"):
            assert hasattr(source, name) == is_of_files, (source, name)
