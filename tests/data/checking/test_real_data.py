"""The known defects of real data sets are found."""

import pathlib

import numpy as np
import pytest

from mtvision.data import Folder, Subset
from mtvision.data.checking import kinds
from mtvision.data.checking.check import check
from mtvision.data.readers.coco_instances import CocoInstances
from mtvision.data.readers.coco_panoptic import CocoPanoptic
from mtvision.data.readers.depth_maps import DepthMaps
from mtvision.data.readers.identity_folders import IdentityFolders
from mtvision.data.readers.keypoint_table import KeypointTable
from mtvision.data.readers.voc_detection import VocDetection
from mtvision.data.readers.yolo import Yolo

ROOT = pathlib.Path(__file__).parents[3] / "../shared/data"


def folder(name):
    if not (ROOT / name).is_dir():
        pytest.skip(f"needs the data set {name}")
    return ROOT / name


def files(places):
    return sorted({place.file for place in places})


def numbers(findings):
    return {kind: len(places) for kind, places in findings.items()}


def own(report):
    """What was found in the walk, without what the reader had found."""
    return {
        kind: places
        for kind, places in report.findings.items()
        if not kind.startswith("reader: ")
    }


def test_blood_cells():
    root = folder("boxes_bccd")
    # As the file has them: VOC's last pixel would make a pixel of the two.
    report = check(VocDetection(root, box_origin=0), on_error="fix", verbose=0)
    assert numbers(own(report)) == {
        kinds.BOX_WITHOUT_AREA: 2,
        kinds.CLASS_IMBALANCE: 1,
    }
    without_area = report.defects[kinds.BOX_WITHOUT_AREA]
    assert files(without_area) == [
        "BloodImage_00338.jpg",
        "BloodImage_00343.jpg",
    ]
    assert "(504, 337, 504, 337)" in without_area[0].detail
    assert "(181, 329, 181, 329)" in without_area[1].detail
    classes = {row["class"]: row["number"] for row in report.rows("classes")}
    assert classes == {"RBC": 4155, "WBC": 372, "Platelets": 361}
    assert report.counts["all"]["boxes"]["objects"] == 4888
    again = check(report.source, verbose=0)
    assert not again.defects
    assert again.counts["all"]["boxes"]["objects"] == 4886


def test_blood_cells_as_voc_reads_them():
    root = folder("boxes_bccd")
    classes = ["RBC", "WBC", "Platelets"]
    splits = {
        split: VocDetection(root, split=split, classes=classes)
        for split in ("train", "val", "test")
    }
    report = check(splits, verbose=0)
    assert not report.defects
    named = ["BloodImage_00338.jpg", "BloodImage_00343.jpg"]
    assert files(report.facts[kinds.BOX_TINY]) == named
    kind = "reader: box inverted or without area"
    assert files(report.facts[kind]) == named


def test_pets():
    root = folder("multitask_pets")
    pets = Folder(
        root / "images",
        table=root / "labels.csv",
        columns=["breed", "species"],
        boxes=root / "xmls",
        masks=root / "trimaps",
        mask_values={1: 1, 2: 0, 3: 255},
    )
    report = check(pets, verbose=0)
    assert not report.defects
    found = own(report)
    assert [
        (place.file, place.detail) for place in found[kinds.NAMED_OTHERWISE]
    ] == [
        ("Abyssinian_34.jpg", "GIF (P) named .jpg"),
        ("Abyssinian_5.jpg", "PNG (RGBA) named .jpg"),
    ]
    assert files(found[kinds.PALETTE]) == ["Abyssinian_34.jpg"]
    assert files(found[kinds.TRANSPARENT]) == ["Abyssinian_5.jpg"]
    assert files(found[kinds.MAP_OF_ONE_CLASS]) == ["Abyssinian_34.jpg"]
    assert files(found[kinds.SEVERAL_BOXES]) == ["Bengal_105.jpg"]
    missing = found[kinds.MISSING]
    assert files(p for p in missing if p.field == "species") == [
        "Abyssinian_34.jpg",
        "Abyssinian_82.jpg",
    ]
    assert sum(place.field == "boxes" for place in missing) == 34
    assert report.counts["all"]["box"]["missing"] == 34
    heights = report.rows("sizes")[0]
    widths = report.rows("sizes")[1]
    assert (widths["smallest"], heights["smallest"]) == (150, 116)
    assert found.keys() == {
        *(kinds.NAMED_OTHERWISE, kinds.PALETTE, kinds.TRANSPARENT),
        *(kinds.MAP_OF_ONE_CLASS, kinds.SEVERAL_BOXES, kinds.MISSING),
    }


def coco():
    return folder("coco_train2017_panoptic")


def test_coco_instances():
    pytest.importorskip("pycocotools")
    root = coco()
    source = CocoInstances(root / "images", root / "instances.json", masks=True)
    report = check(source, verbose=0)
    assert not report.defects
    found = own(report)
    assert files(found[kinds.GREY]) == ["000000000086.jpg"]
    assert len(found[kinds.CROWD]) == 6
    assert files(found[kinds.NO_OBJECT]) == [
        "000000000250.jpg",
        "000000000508.jpg",
    ]
    assert found.keys() == {
        *(kinds.GREY, kinds.CROWD, kinds.NO_OBJECT),
        *(kinds.CLASS_NEVER, kinds.CLASS_IMBALANCE),
    }


def test_coco_panoptic():
    root = coco()
    source = CocoPanoptic(
        root / "images", root / "panoptic.json", root / "panoptic"
    )
    report = check(source, verbose=0)
    assert not report.defects
    assert len(report.facts[kinds.CROWD]) == 6
    assert len(report.facts[kinds.NO_OBJECT]) == 2
    assert len(report.facts[kinds.GREY]) == 1


def test_coco_semantic_ids_are_sparse():
    root = coco()
    source = Folder(root / "images", masks=root / "semantic", verify=False)
    report = check(source, verbose=0)
    (place,) = report.facts[kinds.SPARSE_NUMBERS]
    assert str(place) == "'semantic': 110 numbers from 0 to 200"
    first = Subset(source, range(3))
    report = check(first, classes={"semantic": 133}, verbose=0)
    assert report.defects[kinds.STRAY_MAP_VALUES]


def test_images_without_yolo_boxes():
    root = coco()
    names = [str(number) for number in range(80)]
    source = Yolo(root / "images", root / "yolo_boxes", names=names)
    report = check(source, verbose=0)
    assert not report.defects
    assert files(report.facts[kinds.MISSING]) == [
        "000000000250.jpg",
        "000000000508.jpg",
    ]


def test_persons_without_key_points():
    pytest.importorskip("pycocotools")
    root = folder("coco_keypoints")
    source = CocoInstances(
        root / "images", root / "person_keypoints.json", masks=True
    )
    report = check(source, verbose=0)
    assert numbers(report.findings) == {kinds.NO_POINTS: 2}
    assert report.counts["all"]["keypoints"]["objects"] == 14


def test_depth_that_is_missing():
    root = folder("depth_rgbd_dining")
    source = DepthMaps(root / "color", root / "depth", unit=0.001)
    report = check(source, verbose=0)
    assert numbers(report.findings) == {kinds.DEPTH_MISSING: 5}
    shares = np.array(report.statistics["all"].depth["depth"])
    assert len(shares) == 5
    assert 0.27 <= shares.min() <= shares.max() <= 0.32


def test_road_scenes_have_no_defect_but_rare_classes():
    root = folder("semseg_camvid")
    splits = {
        split: Folder(root / split, masks=root / f"{split}annot", verify=False)
        for split in ("train", "val", "test")
    }
    report = check(
        splits, classes={"semantic": 12}, near_duplicates=4, verbose=0
    )
    assert not report.defects
    # Neighbouring video frames resemble one another.
    assert report.facts.keys() == {
        kinds.CLASS_IMBALANCE,
        kinds.NEAR_DUPLICATE,
    }
    assert [one.samples for one in report.statistics.values()] == [96, 32, 32]


def test_faces_and_mice_are_grey_and_sound():
    root = folder("face_verification_orl")
    report = check(IdentityFolders(root), verbose=0)
    assert numbers(report.findings) == {kinds.GREY: 400}
    assert set(report.statistics["all"].classes["identity"].values()) == {10}
    root = folder("keypoints_mouse_openfield")
    source = KeypointTable(root / "images", root / "keypoints.csv")
    report = check(source, verbose=0)
    assert numbers(report.findings) == {kinds.GREY: 24}


def test_dlib_faces_are_sound():
    root = folder("faces_boxes_landmarks_dlib")
    splits = {
        split: CocoInstances(root / "images", root / f"coco_{split}.json")
        for split in ("training", "testing")
    }
    report = check(splits, verbose=0)
    assert not own(report)
    assert report.counts["testing"]["keypoints"]["objects"] == 25
