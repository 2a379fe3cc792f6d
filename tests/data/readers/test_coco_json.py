import pytest

from mtvision.data.readers import coco_json
from mtvision.data.readers.findings import Findings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "a list 'images'"),
        ('{"images": {}}', "a list 'images'"),
        ('{"images": []}', "a list 'categories'"),
    ],
)
def test_malformed_files_are_named(write, text, message):
    path = write("coco.json", text)
    with pytest.raises(ValueError, match=rf"coco\.json.*{message}"):
        coco_json.read_json(path, ["images", "categories"])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a\.json.*no such file"):
        coco_json.read_json(tmp_path / "a.json", [])


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ([{"name": "cat"}], "'id'"),
        ([{"id": 3}], "category 3 has no 'name'"),
        ([{"id": 3, "name": "a"}, {"id": 3, "name": "b"}], "the id 3"),
    ],
)
def test_malformed_categories_are_refused(categories, message):
    with pytest.raises(ValueError, match=message):
        coco_json.categories_of({"categories": categories}, "a.json")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([{"file_name": "a"}], "'id'"),
        ([{"id": 3}], "image 3 has no 'file_name'"),
        ([{"id": 3, "file_name": "../a"}], "inside the folder"),
        ([{"id": 3, "file_name": "/a"}], "inside the folder"),
        ([{"id": 3, "file_name": "a"}] * 2, "listed twice"),
        ([{"id": k, "file_name": "a"} for k in (1, 2)], "listed twice"),
    ],
)
def test_malformed_images_are_refused(images, message):
    with pytest.raises(ValueError, match=message):
        coco_json.entries_of({"images": images}, "a.json", Findings())


def test_annotations_of_images_not_listed_are_counted():
    content = {
        "images": [{"id": 1, "file_name": "a", "height": 3, "width": 4}],
        "annotations": [{"id": 5, "image_id": 1}, {"id": 6, "image_id": 2}],
    }
    findings = Findings()
    entries = coco_json.entries_of(content, "a.json", findings)
    assert [a["id"] for a in entries["a"]["annotations"]] == [5]
    assert entries["a"]["size"] == (3, 4)
    assert list(findings.values()) == [["annotation 6 (image 2)"]]


def test_without_annotations_nothing_is_labelled():
    content = {"images": [{"id": 1, "file_name": "a"}]}
    entries = coco_json.entries_of(content, "a.json", Findings())
    assert entries["a"]["annotations"] is None


@pytest.mark.parametrize("box", [None, [1, 2, 3], "1234", [1, 2, "x", 4]])
def test_malformed_boxes_name_their_annotation(box):
    with pytest.raises(ValueError, match="annotation 9"):
        coco_json.boxes_of([{"id": 9, "bbox": box}])


def test_no_annotation_gives_empty_arrays():
    assert coco_json.boxes_of([]).shape == (0, 4)
    assert coco_json.classes_of([], {}).shape == (0,)
    assert coco_json.crowd_of([]).shape == (0,)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("categories", [{"id": [3], "name": "a"}], "a number or a text"),
        (
            "categories",
            [{"id": "3", "name": "a"}, {"id": 4, "name": "b"}],
            "all of them as texts",
        ),
        ("images", [{"id": [1], "file_name": "a"}], "a number or a text"),
        ("annotations", [{"id": 1, "image_id": [1]}], "a number or a text"),
    ],
)
def test_ids_that_are_none_are_refused(key, value, message):
    content = {"categories": [{"id": 3, "name": "a"}], "images": []}
    content[key] = value

    def read():
        coco_json.categories_of(content, "a.json")
        coco_json.entries_of(content, "a.json", Findings())

    with pytest.raises(ValueError, match=rf"a\.json.*{message}"):
        read()


def test_annotations_that_are_no_list_are_refused(write):
    content = {"images": [], "annotations": None}
    path = write("coco.json", content)
    with pytest.raises(
        ValueError, match=r"coco\.json.*'annotations' as a list"
    ):
        coco_json.read_json(path, ["images"])


def test_annotations_of_no_image_at_all_are_an_error():
    content = {
        "images": [{"id": "1", "file_name": "a"}],
        "annotations": [{"id": 5, "image_id": 1}],
    }
    with pytest.raises(ValueError, match=r"1 of 1 .*image 1.*\['1'\]"):
        coco_json.entries_of(content, "a.json", Findings())


@pytest.mark.parametrize(
    ("iscrowd", "crowd"), [("0", 0), ("1", 1), (None, 0), (True, 1)]
)
def test_crowd_may_be_text(iscrowd, crowd):
    assert coco_json.crowd_of([{"iscrowd": iscrowd}]).tolist() == [crowd]


def test_crowd_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="annotation 4 .*iscrowd.*'yes'"):
        coco_json.crowd_of([{"id": 4, "iscrowd": "yes"}])
