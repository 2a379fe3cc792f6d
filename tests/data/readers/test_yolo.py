import json

import numpy as np
import pytest

from mtvision.data.readers.coco_instances import CocoInstances
from mtvision.data.readers.yolo import Yolo

SQUARE = "1 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75"


@pytest.fixture
def yolo(tmp_path, draw, write):
    for name in ("a.png", "sub/b.jpg", "c.png"):
        draw(f"images/{name}")
    (tmp_path / "labels").mkdir()

    def open_(texts, **options):
        for name, text in texts.items():
            write(f"labels/{name}.txt", text)
        options = {"names": ["cat", "dog"]} | options
        return Yolo(tmp_path / "images", tmp_path / "labels", **options)

    return open_


def test_boxes_become_pixels(yolo):
    source = yolo({"a": "0 0.5 0.5 0.5 0.25\n\n1 0.25 0.5 0.5 1\n"})
    sample = source[0]
    assert sample["boxes"].tolist() == [[4, 4.5, 12, 7.5], [0, 0, 8, 12]]
    assert sample["boxes"].dtype == np.float32
    assert sample["classes"].tolist() == [0, 1]
    assert source.classes == {"classes": ["cat", "dog"]}


def test_missing_text_files_are_counted_and_mean_what_is_asked(yolo):
    texts = {"a": "", "sub/b": "0 0.5 0.5 0.5 0.5"}
    source = yolo(texts)
    assert source.files == ["a.png", "c.png", "sub/b.jpg"]
    assert source[0]["boxes"].shape == (0, 4)
    assert source[1]["boxes"] is None
    assert source[1]["classes"] is None
    assert len(source[2]["boxes"]) == 1
    assert source.findings == {
        "no object": ["a.png"],
        "no text file, unlabelled": ["c.png"],
    }
    source = yolo(texts, missing="empty", masks=True)
    assert source[1]["boxes"].shape == (0, 4)
    assert source[1]["masks"].shape == (0, 12, 16)
    assert source.findings["no text file, empty"] == ["c.png"]


def test_polygons_give_boxes_and_masks(yolo):
    pytest.importorskip("pycocotools")
    sample = yolo({"a": SQUARE}, masks=True)[0]
    assert sample["boxes"].tolist() == [[4, 3, 12, 9]]
    expected = np.zeros((1, 12, 16))
    expected[0, 3:9, 4:12] = 1
    np.testing.assert_array_equal(sample["masks"], expected)
    assert "masks" not in yolo({"a": SQUARE})[0]


def test_objects_without_polygon_leave_the_masks_open(yolo):
    source = yolo({"a": f"{SQUARE}\n0 0.5 0.5 0.5 0.5"}, masks=True)
    assert source[0]["masks"] is None
    assert len(source[0]["boxes"]) == 2
    kind = "object without polygon, no masks given"
    assert source.findings[kind] == ["a.png (1)"]


def test_labels_without_an_image_are_counted(yolo):
    source = yolo({"d": "0 0.5 0.5 1 1"})
    assert source.findings["labels without an image, left out"] == ["d.txt"]


def test_faulty_boxes_are_found(yolo):
    lines = ["0 0.5 0.5 0 0.5", "0 0.9 0.5 0.5 0.5", "0 2 2 0.5 0.5"]
    findings = yolo({"a": "\n".join(lines)}).findings
    for kind in (
        "box inverted or without area",
        "box partly outside of the image",
        "box outside of the image",
    ):
        assert len(findings[kind]) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.5", "received 4 numbers"),
        ("0 0.5 0.5 0.5 0.5 0.9", "received 6 numbers"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "received 8 numbers"),
        ("2 0.5 0.5 0.5 0.5", "class number 2; expected .* 0 to 1"),
        ("0.5 0.5 0.5 0.5 0.5", "class number 0.5"),
        ("-1 0.5 0.5 0.5 0.5", "class number -1"),
        ("cat 0.5 0.5 0.5 0.5", "'cat'"),
        ("0 0.5 nan 0.5 0.5", "not finite"),
        ("0 0.5 0.5 1e308 0.5", "not finite"),
        ("0 0.5 0.5 1_0 0.5", "'0 0.5 0.5 1_0 0.5'"),
    ],
)
def test_malformed_lines_are_named(yolo, line, message):
    texts = {"a": f"0 0.5 0.5 0.5 0.5\n{line}\n"}
    with pytest.raises(ValueError, match=rf"a\.txt, line 2: .*{message}"):
        yolo(texts)
    with pytest.warns(UserWarning, match="left out"):
        assert len(yolo(texts, on_error="skip")) == 2


def test_names_may_be_a_file(yolo, write, tmp_path):
    path = write("names.txt", "cat\n\ndog\n")
    assert yolo({}, names=path).classes["classes"] == ["cat", "dog"]
    with pytest.raises(ValueError, match=r"no\.txt"):
        yolo({}, names=str(tmp_path / "no.txt"))
    with pytest.raises(ValueError, match="missing"):
        yolo({}, missing="skip")


def test_the_coco_sample(shared):
    folder = shared("coco_train2017_panoptic")
    names = json.loads((folder / "yolo_classes.json").read_text())
    source = Yolo(
        folder / "images", folder / "yolo_boxes", names=names.values()
    )
    assert source.findings == {
        "no text file, unlabelled": ["000000000250.jpg", "000000000508.jpg"]
    }
    coco = CocoInstances(folder / "images", folder / "instances.json")
    assert coco.classes == source.classes
    # Of the same pictures, by other hands: nearly the same boxes.
    index = source.files.index("000000000009.jpg")
    others = coco[coco.files.index("000000000009.jpg")]
    for box, number in zip(source[index]["boxes"], source[index]["classes"]):
        near = np.abs(others["boxes"] - box).max(axis=1) < 8
        assert number in others["classes"][near]


def test_names_may_be_a_dict_or_a_yaml_file(yolo, write):
    source = yolo({"a": "1 0.5 0.5 0.5 0.5"}, names={1: "dog", 0: "cat"})
    assert source.classes == {"classes": ["cat", "dog"]}
    path = write("data.yaml", "nc: 2\nnames:\n  0: cat\n  1: dog\n")
    source = yolo({}, names=path)
    assert source.classes == {"classes": ["cat", "dog"]}
    assert source.column("classes")[0].tolist() == [1]
    assert source.column("boxes")[1] is None
