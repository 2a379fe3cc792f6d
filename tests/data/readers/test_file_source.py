"""What every reader of files owes, on a tiny data set of each kind."""

import concurrent.futures

import numpy as np
import pytest
from PIL import ImageFile

from mtvision.data import Batches
from mtvision.data.readers import images as image_files
from mtvision.data.readers.class_folders import ClassFolders
from mtvision.data.readers.coco_instances import CocoInstances
from mtvision.data.readers.coco_panoptic import CocoPanoptic
from mtvision.data.readers.depth_maps import DepthMaps
from mtvision.data.readers.folder import Folder
from mtvision.data.readers.identity_folders import IdentityFolders
from mtvision.data.readers.keypoint_table import KeypointTable
from mtvision.data.readers.verification_pairs import VerificationPairs
from mtvision.data.readers.voc_detection import VocDetection
from mtvision.data.readers.yolo import Yolo

CATEGORY = {"id": 7, "name": "cat", "isthing": 1}
XML = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
    "<xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>"
)
NAMES = ("a", "b", "c")


def coco_images(root):
    return [
        {"id": k, "file_name": f"{name}.png", "height": 12, "width": 16}
        for k, name in enumerate(NAMES)
    ]


def coco_instances(root, write, **options):
    content = {"images": coco_images(root), "categories": [CATEGORY]}
    content["annotations"] = [
        {"id": k, "image_id": k, "category_id": 7, "bbox": [1, 2, 3, 4]}
        for k in range(3)
    ]
    return CocoInstances(
        root / "images", write("coco.json", content), **options
    )


def coco_panoptic(root, write, **options):
    content = {"images": coco_images(root), "categories": [CATEGORY]}
    segment = {"id": 5, "category_id": 7, "bbox": [0, 0, 16, 12]}
    content["annotations"] = [
        {"image_id": k, "file_name": f"{name}.png", "segments_info": [segment]}
        for k, name in enumerate(NAMES)
    ]
    colours = np.broadcast_to(np.array([5, 0, 0], "uint8"), (12, 16, 3))
    for name in NAMES:
        write(f"maps/{name}.png", colours.copy())
    return CocoPanoptic(
        root / "images",
        write("coco.json", content),
        root / "maps",
        **options,
    )


def depth_maps(root, write, **options):
    for name in NAMES:
        write(f"depth/{name}.png", np.full((12, 16), 500, "uint16"))
    return DepthMaps(root / "images", root / "depth", unit=0.001, **options)


def folder(root, write, **options):
    lines = ["file,kind", *(f"{name}.png,cat" for name in NAMES)]
    table = write("labels.csv", "\n".join(lines))
    options = {"verify": False} | options
    return Folder(root / "images", table=table, columns=["kind"], **options)


def keypoint_table(root, write, **options):
    lines = ["file,nose_x,nose_y", *(f"{name}.png,3,4" for name in NAMES)]
    table = write("points.csv", "\n".join(lines))
    return KeypointTable(root / "images", table, **options)


def voc_detection(root, write, **options):
    if not (root / "JPEGImages").exists():
        (root / "JPEGImages").symlink_to(root / "images")
    for name in NAMES:
        write(f"Annotations/{name}.xml", XML)
    write("ImageSets/Main/train.txt", "a\nb\nc\n")
    return VocDetection(root, split="train", **options)


def yolo(root, write, **options):
    for name in NAMES:
        write(f"labels/{name}.txt", "0 0.5 0.5 0.5 0.5\n")
    return Yolo(root / "images", root / "labels", names=["cat"], **options)


def class_folders(root, write, **options):
    return ClassFolders(root, classes=["images"], **options)


def identity_folders(root, write, **options):
    return IdentityFolders(root, identities=["images"], **options)


def verification_pairs(root, write, **options):
    table = "x,y,same\na.png,a.png,1\nb.png,b.png,1\nc.png,c.png,1\n"
    return VerificationPairs(root / "images", write("p.csv", table), **options)


# Opener of a source of three samples, and the field of a task.
READERS = {
    coco_instances: {"boxes": "boxes", "classes": "classes"},
    coco_panoptic: "panoptic",
    depth_maps: "depth",
    folder: "kind",
    keypoint_table: "keypoints",
    voc_detection: {"boxes": "boxes", "classes": "classes"},
    yolo: {"boxes": "boxes", "classes": "classes"},
    class_folders: "label",
    identity_folders: "identity",
    verification_pairs: "same",
}


@pytest.fixture(params=READERS, ids=lambda opener: opener.__name__)
def opener(request):
    return request.param


@pytest.fixture
def source(opener, tmp_path, draw, write):
    for seed, name in enumerate(NAMES):
        draw(f"images/{name}.png", seed=seed)
    return lambda **options: opener(tmp_path, write, **options)


def damage(path):
    content = path.read_bytes()
    # The header stays sound.
    path.write_bytes(content[: len(content) // 2])


def equal(left, right):
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name])


def test_a_source_has_files_paths_classes_and_findings(source):
    found = source()
    assert len(found) == len(found.files) == 3
    assert [found.path(k).name for k in range(3)] == ["a.png", "b.png", "c.png"]
    assert all(found.path(k).is_file() for k in range(3))
    assert found.report().startswith("3 samples")
    for index in (0, 2, -1, np.int64(1)):
        assert found[index]["file"] == found.files[index]
    with pytest.raises(IndexError):
        found[3]
    for name, classes in found.classes.items():
        assert name in found[0]
        assert all(isinstance(k, str) for k in classes)


def test_samples_are_the_same_in_any_thread(source):
    found = source()
    expected = [found[k] for k in range(3)]
    for sample, path in zip(expected, map(found.path, range(3))):
        image = sample["image" if "image" in sample else "first_image"]
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(image, image_files.read_image(path))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for k, sample in enumerate(pool.map(found.__getitem__, [0, 1, 2] * 5)):
            equal(sample, expected[k % 3])


def test_a_source_becomes_batches(source, opener):
    found = source()
    inputs = "image" if "image" in found[0] else ["first_image", "second_image"]
    batches = Batches(
        found,
        {"task": READERS[opener]},
        batch_size=3,
        max_objects=4,
        inputs=inputs,
    )
    _, _, weights = batches[0]
    assert weights["task"].tolist() == [1, 1, 1]


def test_opening_decodes_nothing(source, monkeypatch):
    def refuse(image):
        raise AssertionError(f"{image.filename} was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert len(source()) == 3


def test_a_damaged_image_raises_or_is_left_out(source, tmp_path):
    (tmp_path / "images/b.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"1 of 3 samples.*\n.*b\.png"):
        source()
    with pytest.warns(UserWarning, match=r"1 of 3 samples.*\n.*b\.png") as seen:
        found = source(on_error="skip")
    # The warning points at the line that opened the reader.
    assert seen[0].filename.endswith("test_file_source.py")
    assert len(found) == 2
    assert len(found.findings["damaged, left out"]) == 1
    assert all("b.png" not in found[k]["file"] for k in range(2))
    for name, labels in found._columns.items():
        assert len(labels) == 2, name


def test_a_cut_image_is_found_by_verifying_or_by_reading(source, tmp_path):
    damage(tmp_path / "images/b.png")
    found = source()
    with pytest.raises(ValueError, match=r"b\.png"):
        found[1]
    with pytest.raises(ValueError, match=r"1 of 3 samples.*\n.*b\.png"):
        source(verify=True)


def test_bad_options_are_refused(source):
    with pytest.raises(ValueError, match="on_error"):
        source(on_error="ignore")


def test_unknown_columns_are_refused(source):
    found = source()
    with pytest.raises(ValueError, match="no column 'lable'"):
        found.column("lable")


@pytest.mark.parametrize("index", [slice(0, 2), [0, 1], 0.0])
def test_several_samples_at_once_are_refused(tmp_path, draw, index):
    draw("flowers/rose/1.png")
    source = ClassFolders(tmp_path / "flowers")
    for ask in (source.__getitem__, source.path):
        with pytest.raises(TypeError, match=r"the number of a sample.*Subset"):
            ask(index)
    with pytest.raises(IndexError, match="no sample 1 of 1"):
        source[1]
    assert source.path(np.int64(-1)) == source.path(0)
