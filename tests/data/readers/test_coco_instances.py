import contextlib
import io
import json

import numpy as np
import pytest

from mtvision.data import Batches
from mtvision.data.readers.coco_instances import CocoInstances

CAT = {"id": 17, "name": "cat"}
DOG = {
    "id": 3,
    "name": "dog",
    "keypoints": ["nose", "left_ear", "right_ear"],
    "skeleton": [[1, 2], [1, 3]],
}
SQUARE = [[2, 2, 6, 2, 6, 6, 2, 6]]


def annotation(number, **others):
    known = {
        "id": number,
        "image_id": 1,
        "category_id": 17,
        "bbox": [2, 2, 4, 4],
        "segmentation": SQUARE,
    }
    return known | others


def image(number, file):
    return {"id": number, "file_name": file, "height": 12, "width": 16}


@pytest.fixture
def coco(tmp_path, draw, write):
    draw("images/a.png")
    draw("images/b.png")

    def open_(
        annotations,
        *,
        categories=(CAT, DOG),
        images=None,
        chosen=None,
        **options,
    ):
        content = {
            "images": images or [image(1, "a.png"), image(2, "b.png")],
            "categories": list(categories),
        }
        if annotations is not None:
            content["annotations"] = annotations
        path = write("coco.json", content)
        return CocoInstances(
            tmp_path / "images", path, categories=chosen, **options
        )

    return open_


def test_a_sample_has_its_objects(coco):
    crowd = {"size": [12, 16], "counts": [0, 12, 180]}
    ears = [3, 4, 2, 5, 6, 1, 0, 0, 0]
    source = coco(
        [
            annotation(1),
            annotation(2, segmentation=crowd, iscrowd=1, bbox=[0, 0, 1, 12]),
            annotation(3, category_id=3, keypoints=ears, num_keypoints=2),
        ],
        masks=True,
    )
    sample = source[0]
    assert source.classes == {"classes": ["dog", "cat"]}
    assert source.category_ids.tolist() == [3, 17]
    expected = {
        "boxes": np.float32([[2, 2, 6, 6], [0, 0, 1, 12], [2, 2, 6, 6]]),
        "classes": np.int32([1, 1, 0]),
        "crowd": np.int32([0, 1, 0]),
    }
    for name, value in expected.items():
        np.testing.assert_array_equal(sample[name], value)
        assert sample[name].dtype == value.dtype
    assert sample["masks"].shape == (3, 12, 16)
    np.testing.assert_array_equal(sample["masks"].sum((1, 2)), [16, 12, 16])
    assert sample["masks"][1, :, 0].all()
    points = sample["keypoints"]
    assert points[2].tolist() == [[3.5, 4.5, 2], [5.5, 6.5, 1], [0, 0, 0]]
    assert not points[:2].any()
    assert source.keypoint_names == ["nose", "left_ear", "right_ear"]
    assert source.flip_pairs == [(1, 2)]
    assert source.skeleton == [(0, 1), (0, 2)]


def test_no_annotation_says_that_there_is_no_object(coco):
    source = coco([annotation(1)], masks=True)
    sample = source[1]
    assert source.findings == {"no object": ["b.png"]}
    assert sample["boxes"].shape == (0, 4)
    assert sample["masks"].shape == (0, 12, 16)
    assert sample["keypoints"].shape == (0, 3, 3)
    batches = Batches(
        source,
        {"t": {"boxes": "boxes", "masks": "masks"}},
        max_objects=2,
        batch_size=2,
    )
    assert batches[0][2]["t"].tolist() == [1, 1]


def test_a_file_without_annotations_labels_nothing(coco):
    source = coco(None, masks=True)
    assert source[0]["boxes"] is None
    assert source[0]["masks"] is None
    assert len(source.findings["not labelled"]) == 2


def test_an_image_that_is_not_listed_is_left_out_and_counted(coco):
    source = coco([annotation(1)], images=[image(1, "a.png")])
    assert source.files == ["a.png"]
    assert source.findings == {"image not listed, left out": ["b.png"]}


def test_objects_without_a_mask_leave_the_masks_open(coco):
    source = coco([annotation(1), annotation(2, segmentation=[])], masks=True)
    assert source[0]["masks"] is None
    assert len(source[0]["boxes"]) == 2
    kind = "object without mask, no masks given"
    assert source.findings[kind] == ["a.png (1)"]


def test_faulty_boxes_and_sizes_are_found_and_given_as_they_are(coco):
    boxes = [[1, 1, 0, 5], [10, 2, 9, 3], [1, 1, -1, 2]]
    images = [image(1, "a.png") | {"height": 99}, image(2, "b.png")]
    source = coco(
        [annotation(k, bbox=box) for k, box in enumerate(boxes)], images=images
    )
    assert source[0]["boxes"].tolist() == [
        [1, 1, 1, 6],
        [10, 2, 19, 5],
        [1, 1, 0, 3],
    ]
    assert source.findings["box inverted or without area"] == [
        "a.png (object 0: [1.0, 1.0, 1.0, 6.0])",
        "a.png (object 2: [1.0, 1.0, 0.0, 3.0])",
    ]
    assert len(source.findings["box partly outside of the image"]) == 1
    assert source.findings["size in JSON differs"] == [
        "a.png ((99, 16), (12, 16))"
    ]


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        ({"category_id": 5}, "annotation 7 has the category 5"),
        ({"category_id": [5]}, "annotation 7 has the category"),
        ({"bbox": [1, 2]}, "annotation 7 should have a bbox"),
        ({"segmentation": [[1, 2]]}, "annotation 7.*polygon"),
        ({"segmentation": {"size": [9, 9], "counts": "1"}}, "7.*size"),
        ({"keypoints": [1, 2, 2]}, "annotation 7.*3 times"),
    ],
)
def test_faulty_annotations_are_named(coco, faulty, message):
    annotations = [annotation(7, **faulty)]
    with pytest.raises(ValueError, match=rf"a\.png.*{message}"):
        coco(annotations, masks=True)
    with pytest.warns(UserWarning, match=message):
        source = coco(annotations, masks=True, on_error="skip")
    assert source.files == ["b.png"]


def test_a_missing_image_is_named(coco):
    images = [image(1, "a.png"), image(3, "lost.png")]
    with pytest.raises(ValueError, match=r"lost\.png: there is no such file"):
        coco([annotation(1)], images=images)


def test_damaged_run_lengths_are_named_by_verifying_or_reading(coco):
    runs = {"size": [12, 16], "counts": "11"}
    annotations = [annotation(1), annotation(2, segmentation=runs)]
    source = coco(annotations, masks=True)
    with pytest.raises(ValueError, match=r"coco\.json.*a\.png.*object 1"):
        source[0]
    with pytest.raises(ValueError, match=r"a\.png.*object 1"):
        coco(annotations, masks=True, verify=True)


def test_parts_of_the_whole_body_are_joined(coco):
    body = {"category_id": 3, "keypoints": [1, 1, 2] * 3, "foot": [2, 2, 2] * 2}
    source = coco([annotation(1, **body)], keypoints=("keypoints", "foot"))
    assert source[0]["keypoints"].shape == (1, 5, 3)
    assert source.keypoint_names[3:] == ["foot_0", "foot_1"]
    with pytest.raises(ValueError, match="'feet'"):
        coco([annotation(1, **body)], keypoints=("feet",))


def test_categories_of_different_key_points_need_a_choice(coco):
    other = CAT | {"keypoints": ["tail"]}
    with pytest.raises(ValueError, match=r"keypoints=\(\)"):
        coco([], categories=[other, DOG])
    source = coco([], categories=[other, DOG], keypoints=())
    assert "keypoints" not in source[0]


def test_strange_visibilities_are_found(coco):
    source = coco([annotation(1, keypoints=[1, 1, 7, *[0] * 6])])
    kind = "key points of a visibility other than 0, 1, 2"
    assert source.findings[kind] == ["a.png"]


REAL = [
    ("coco_keypoints", "person_keypoints.json"),
    ("coco_train2017_panoptic", "instances.json"),
]


@pytest.mark.parametrize(("name", "file"), REAL)
def test_masks_and_boxes_are_those_of_pycocotools(shared, name, file):
    tools = pytest.importorskip("pycocotools.coco")
    folder = shared(name)
    with contextlib.redirect_stdout(io.StringIO()):
        reference = tools.COCO(folder / file)
    source = CocoInstances(folder / "images", folder / file, masks=True)
    by_file = {i["file_name"]: i["id"] for i in reference.imgs.values()}
    assert source.files == list(by_file)
    for sample in (source[k] for k in range(len(source))):
        known = reference.imgToAnns[by_file[sample["file"]]]
        assert len(sample["masks"]) == len(known)
        for row, each in enumerate(known):
            mask = reference.annToMask(each)
            np.testing.assert_array_equal(sample["masks"][row], mask)
            x, y, width, height = each["bbox"]
            corners = [x, y, x + width, y + height]
            np.testing.assert_allclose(sample["boxes"][row], corners, rtol=1e-6)
            number = source.category_ids[sample["classes"][row]]
            assert number == each["category_id"]


def test_the_known_defects_of_the_coco_sample(shared):
    folder = shared("coco_train2017_panoptic")
    source = CocoInstances(folder / "images", folder / "instances.json")
    assert len(source) == 72
    assert len(source.classes["classes"]) == 80
    assert sorted(source.findings["no object"]) == [
        "000000000250.jpg",
        "000000000508.jpg",
    ]
    crowds = [source[k]["crowd"].sum() for k in range(len(source))]
    content = json.loads((folder / "instances.json").read_text())
    assert sum(crowds) == sum(a["iscrowd"] for a in content["annotations"])


def test_persons_have_key_points(shared):
    folder = shared("coco_keypoints")
    path = folder / "person_keypoints.json"
    source = CocoInstances(folder / "images", path)
    points = np.concatenate([source[k]["keypoints"] for k in range(4)])
    assert points.shape == (14, 17, 3)
    known = json.loads(path.read_text())["annotations"]
    stated = sorted(each["num_keypoints"] for each in known)
    assert sorted((points[..., 2] > 0).sum(axis=1).tolist()) == stated
    assert stated.count(0) == 2
    assert source.flip_pairs[0] == (1, 2)
    assert len(source.flip_pairs) == 8
    body = CocoInstances(
        folder / "images",
        folder / "wholebody.json",
        keypoints=(
            "keypoints",
            "foot_kpts",
            "face_kpts",
            "lefthand_kpts",
            "righthand_kpts",
        ),
    )
    assert body[0]["keypoints"].shape[1:] == (133, 3)


@pytest.mark.parametrize(("part", "faces"), [("training", 18), ("testing", 25)])
def test_faces_have_landmarks(shared, part, faces):
    folder = shared("faces_boxes_landmarks_dlib")
    path = folder / f"coco_{part}.json"
    source = CocoInstances(folder / "images", path)
    points = np.concatenate(
        [source[k]["keypoints"] for k in range(len(source))]
    )
    assert points.shape == (faces, 68, 3)
    known = json.loads(path.read_text())["annotations"]
    expected = np.sort([each["keypoints"][0] + 0.5 for each in known])
    np.testing.assert_allclose(np.sort(points[:, 0, 0]), expected)


@pytest.mark.parametrize(
    "others",
    [
        {"segmentation": {"size": 600, "counts": [192]}},
        {"segmentation": {"size": [12, 16], "counts": None}},
        {"segmentation": [[{}] * 6]},
        {"segmentation": 5},
        {"iscrowd": "yes"},
        {"keypoints": 7},
        {"keypoints": [{}] * 9},
        {"category_id": [17]},
        {"bbox": 4},
    ],
)
def test_malformed_annotations_can_be_left_out(coco, others):
    annotations = [annotation(1), annotation(2, image_id=2, **others)]
    with pytest.raises(ValueError, match=r"b\.png: annotation 2"):
        coco(annotations, masks=True)
    with pytest.warns(UserWarning, match="1 of 2 samples are damaged"):
        source = coco(annotations, masks=True, on_error="skip")
    assert source.files == ["a.png"]


def test_annotations_astray_are_told(coco):
    astray = annotation(2, image_id=7)
    with pytest.warns(UserWarning, match="1 of 2 annotations") as told:
        source = coco([annotation(1), astray])
    assert told[0].filename == __file__
    assert next(iter(source.findings)).startswith("annotation of an image")
    with pytest.raises(ValueError, match="1 of 1 annotations"):
        coco([astray])


def test_categories_may_be_chosen(coco):
    annotations = [annotation(1), annotation(2, category_id=3)]
    for chosen in (["dog"], [3]):
        source = coco(annotations, chosen=chosen)
        assert source.classes == {"classes": ["dog"]}
        assert source.category_ids.tolist() == [3]
        assert source[0]["classes"].tolist() == [0]
        assert source.findings["category not asked for, left out"] == [
            "cat (1 annotations)"
        ]
        assert source.keypoint_names == DOG["keypoints"]
    source = coco(annotations, chosen=["cat", "dog"])
    assert source[0]["classes"].tolist() == [0, 1]
    assert "category not asked for, left out" not in source.findings


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["cats"], "no category 'cats'.*Did you mean 'cat'"),
        ("cat", r"categories=\['cat'\]"),
        (["cat", 17], "that differ"),
        ([], "at least one"),
    ],
)
def test_unknown_categories_are_refused(coco, chosen, message):
    with pytest.raises(ValueError, match=message):
        coco([annotation(1)], chosen=chosen)


def test_objects_are_columns(coco):
    source = coco([annotation(1), annotation(2)], images=[image(1, "a.png")])
    assert source.column("boxes")[0].tolist() == [[2, 2, 6, 6]] * 2
    assert source.column("classes")[0].tolist() == [1, 1]
    assert coco(None).column("boxes") == [None, None]
    with pytest.raises(ValueError, match=r"'box'.*Did you mean 'boxes'"):
        source.column("box")


def test_areas_are_those_of_the_file_else_those_of_the_masks(coco):
    annotations = [
        annotation(1, area=11.5),
        annotation(2),
        annotation(3, area=-1),
        annotation(4, area="12"),
    ]
    source = coco(annotations)
    kind = "area that is no number from 0, not taken"
    assert len(source.findings[kind]) == 2
    for areas in (source[0]["area"], source.column("area")[0]):
        np.testing.assert_array_equal(areas, np.float32([11.5] + [np.nan] * 3))
    source = coco(annotations, masks=True)
    assert source[0]["area"].tolist() == [11.5, 16, 16, 16]
    assert source[0]["area"].dtype == source[1]["area"].dtype == np.float32
    assert source[1]["area"].shape == (0,)
    assert coco(None)[0]["area"] is None


def test_batches_take_areas_that_are_not_known_from_boxes(coco):
    source = coco(
        [annotation(1, area=11.5), annotation(2), annotation(3, bbox=[0] * 4)]
    )
    fields = ("boxes", "classes", "area")
    batches = Batches(
        source,
        {"t": {name: name for name in fields}},
        max_objects=4,
        batch_size=2,
        image_size=24,
        resize="letterbox",
        invalid_boxes="drop",
    )
    _, truth, weights = batches[0]
    growth = 1.5**2
    assert truth["t"]["area"].tolist() == [
        [11.5 * growth, 16 * growth, 0, 0],
        [0] * 4,
    ]
    assert weights["t"].tolist() == [1, 1]


def test_key_points_are_asked_for_by_true_and_false(coco):
    ears = annotation(1, category_id=3, keypoints=[3, 4, 2] * 3)
    assert coco([ears], keypoints=True)[0]["keypoints"].shape == (1, 3, 3)
    assert "keypoints" not in coco([ears], keypoints=False)[0]
    with pytest.raises(ValueError, match=r"found 0 different.*keypoints=\(\)"):
        coco([annotation(1)], categories=[CAT], keypoints=True)
    with pytest.raises(ValueError, match=r"keypoints=\('keypoints',\)"):
        coco([ears], keypoints="keypoints")
