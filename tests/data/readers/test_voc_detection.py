import numpy as np
import pytest

from mtvision.data import Batches
from mtvision.data.readers.voc_detection import VocDetection, read_split

OBJECT = (
    "<object><name>{}</name>{}<bndbox><xmin>{}</xmin><ymin>{}</ymin>"
    "<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
)
SIZE = "<size><width>16</width><height>12</height></size>"


def annotation(*objects, size=SIZE):
    body = "".join(OBJECT.format(*item) for item in objects)
    return f"<annotation>{size}{body}</annotation>"


@pytest.fixture
def voc(tmp_path, draw, write):
    hard = "<difficult>1</difficult>"
    draw("JPEGImages/a.jpg")
    draw("JPEGImages/b.png")
    draw("JPEGImages/c.jpg")
    write(
        "Annotations/a.xml",
        annotation(("dog", hard, 1, 1, 16, 12), ("cat", "", 5, 5, 8, 9)),
    )
    write("Annotations/b.xml", annotation())
    write("ImageSets/Main/train.txt", "b\na\n")
    return tmp_path


def test_a_sample_has_its_objects(voc):
    source = VocDetection(voc, split="train")
    assert source.files == ["b.png", "a.jpg"]
    assert source.classes == {"classes": ["cat", "dog"]}
    sample = source[1]
    assert sample["boxes"].tolist() == [[0, 0, 16, 12], [4, 4, 8, 9]]
    assert sample["classes"].tolist() == [1, 0]
    assert sample["difficult"].tolist() == [1, 0]
    assert source[0]["boxes"].shape == (0, 4)
    assert source.findings == {"no object": ["b.png"]}


def test_without_a_split_all_annotated_images_are_taken(voc):
    source = VocDetection(voc)
    assert source.files == ["a.jpg", "b.png"]
    assert source.findings["image without XML, left out"] == ["c.jpg"]


def test_options(voc):
    source = VocDetection(voc, classes=["dog", "cat"], box_origin=0)
    assert source[0]["classes"].tolist() == [0, 1]
    assert source[0]["boxes"][1].tolist() == [5, 5, 8, 9]
    with pytest.raises(ValueError, match=r"a\.xml.*'dog'.*\['cat'\]"):
        VocDetection(voc, classes=["cat"])


@pytest.mark.parametrize("origin", [0, 1])
def test_boxes_without_area_as_written_are_found(voc, write, origin):
    objects = [("cat", "", 5, 5, 5, 5), ("cat", "", 5, 5, 9, 5)]
    write("Annotations/a.xml", annotation(*objects))
    source = VocDetection(voc, box_origin=origin)
    assert source.findings["box inverted or without area"] == [
        "a.jpg (object 0: [5.0, 5.0, 5.0, 5.0])",
        "a.jpg (object 1: [5.0, 5.0, 9.0, 5.0])",
    ]
    assert source[0]["boxes"][0].tolist() == [5 - origin, 5 - origin, 5, 5]


def test_other_defects_are_found(voc, write):
    size = "<size><width>12</width><height>16</height></size>"
    objects = [("cat", "", 1, 1, 17, 12), ("cat", "", 30, 30, 40, 40)]
    write("Annotations/a.xml", annotation(*objects, size=size))
    findings = VocDetection(voc).findings
    assert findings["size in XML differs"] == ["a.jpg ((16, 12), (12, 16))"]
    assert len(findings["box partly outside of the image"]) == 1
    assert len(findings["box outside of the image"]) == 1


@pytest.mark.parametrize("part", ["JPEGImages/a.jpg", "Annotations/a.xml"])
def test_missing_files_are_named(voc, part):
    (voc / part).unlink()
    with pytest.raises(ValueError, match=rf"1 of 2.*\n.*{part}"):
        VocDetection(voc, split="train")
    with pytest.warns(UserWarning, match="left out"):
        source = VocDetection(voc, split="train", on_error="skip")
    assert source.files == ["b.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a 1\nb -1\n", "one name a line"),
        ("a\nb\na\n", r"\['a'\] are listed more than once"),
        ("../a\n", "inside the folder"),
    ],
)
def test_malformed_lists_are_refused(write, text, message):
    path = write("list.txt", text)
    with pytest.raises(ValueError, match=rf"list\.txt.*{message}"):
        read_split(path)


def test_a_missing_list_or_folder_is_named(voc):
    with pytest.raises(ValueError, match=r"val\.txt.*among \['train'\]"):
        VocDetection(voc, split="val")
    with pytest.raises(ValueError, match="no such folder"):
        VocDetection(voc / "JPEGImages")


@pytest.fixture(scope="module")
def cells(shared):
    return shared("boxes_bccd")


@pytest.mark.parametrize(
    ("split", "number"),
    [("train", 205), ("val", 87), ("trainval", 292), ("test", 72)],
)
def test_splits_of_blood_cells(cells, split, number):
    assert len(VocDetection(cells, split=split)) == number


@pytest.mark.parametrize("origin", [0, 1])
def test_every_known_defect_of_the_blood_cells_is_found(cells, origin):
    source = VocDetection(cells, box_origin=origin)
    assert len(source) == 364
    classes = [source[k]["classes"] for k in range(len(source))]
    counts = np.bincount(np.concatenate(classes))
    assert source.classes["classes"] == ["Platelets", "RBC", "WBC"]
    assert counts.tolist() == [361, 4155, 372]
    kind = "box inverted or without area"
    assert source.findings[kind] == [
        "BloodImage_00338.jpg (object 12: [504.0, 337.0, 504.0, 337.0])",
        "BloodImage_00343.jpg (object 3: [181.0, 329.0, 181.0, 329.0])",
    ]


def test_blood_cells_become_batches(cells):
    source = VocDetection(cells, split="test", box_origin=0)
    batches = Batches(
        source,
        {"cells": {"boxes": "boxes", "classes": "classes"}},
        image_size=32,
        batch_size=36,
        max_objects=30,
        invalid_boxes="drop",
    )
    found = sum((y["cells"]["classes"] >= 0).sum() for _, y, _ in batches)
    known = sum(len(source[k]["boxes"]) for k in range(len(source)))
    assert found + batches.dropped.total() == known


def test_all_splits_number_their_classes_alike(voc, write):
    write("Annotations/c.xml", annotation(("bird", "", 1, 1, 9, 9)))
    write("Annotations/d.xml", "<annotation>")
    write("ImageSets/Main/test.txt", "c\n")
    for split in ("train", "test"):
        source = VocDetection(voc, split=split)
        assert source.classes == {"classes": ["bird", "cat", "dog"]}
    assert source[0]["classes"].tolist() == [0]


def test_a_second_image_of_a_name_is_told(voc, draw):
    draw("JPEGImages/a.png")
    source = VocDetection(voc, split="train")
    assert source.findings["second image of a name, left out"] == [
        "a.png (beside a.jpg)"
    ]


def test_odd_annotations_are_findings_and_objects_are_columns(voc, write):
    size = "<size><width>16.0</width><height>12</height></size>"
    write("Annotations/b.xml", annotation(size=size))
    source = VocDetection(voc, split="train")
    assert source.findings["XML otherwise than VOC's"] == [
        "b.png (<width> is '16.0')"
    ]
    assert source.column("difficult")[1].tolist() == [1, 0]
    assert source.column("boxes")[1].tolist() == source[1]["boxes"].tolist()
