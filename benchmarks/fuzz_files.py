"""Files and samples for `fuzz.py`: good ones, with something wrong in them.

`TARGETS` are functions of a folder and a `random.Random`. Each makes a small
data set that is right, spoils it at random, and reads it; what it returns
must be finite.
"""

import json
import shutil

import numpy as np
from fuzz_parsers import (
    XML,
    encoded,
    image_bytes,
    json_bytes,
    spoil_bytes,
    spoil_json,
    text_bytes,
)
from PIL import Image

import mtvision as mtv

NAMES = ("a", "b", "c")


def write_images(folder, rng, names=NAMES, size=(12, 16)):
    """Three images, of which one may be spoiled or of another kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        path = folder / f"{name}.png"
        pixels = np.full((*size, 3), 40 * number, "uint8")
        pixels[2:9, 3:9, 0] = 200
        Image.fromarray(pixels).save(path)
        if rng.random() < 0.05:
            path.write_bytes(spoil_bytes(path.read_bytes(), rng))


def write_maps(folder, rng, dtype, *, red=False):
    """A PNG file of numbers for each image."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        values = np.array(rng.choices([0, 1, 2, 3], k=192), dtype)
        values = values.reshape((12, 16) if rng.random() < 0.95 else (16, 12))
        if red:
            values = np.stack([values, 0 * values, 0 * values], -1)
        path = folder / f"{name}.png"
        Image.fromarray(values).save(path)
        if rng.random() < 0.05:
            path.write_bytes(spoil_bytes(path.read_bytes(), rng))


def read_all(source, *, boxes=False):
    """Reads all samples, what is printed, and a batch of boxes."""
    samples = [source[index] for index in range(len(source))]
    source.report().encode()
    for sample in samples:
        sample["file"].encode()
    if boxes:
        targets = {"boxes": {"boxes": "boxes", "classes": "classes"}}
        batches = mtv.data.Batches(
            source, targets, batch_size=3, max_objects=4, image_size=16
        )
        _, y, weights = batches[0]
        labelled = weights["boxes"] > 0
        return [field[labelled] for field in y["boxes"].values()]
    return [sample.get("image", 0) for sample in samples]


def options(rng):
    return {
        "on_error": rng.choice(["raise", "skip", "skip"]),
        "verify": rng.random() < 0.5,
    }


def coco(rng, **more):
    content = {
        "images": [
            {"id": k, "file_name": f"{n}.png", "height": 12, "width": 16}
            for k, n in enumerate(NAMES)
        ],
        "categories": [
            {
                "id": 7,
                "name": "cat",
                "isthing": 1,
                "keypoints": ["nose", "tail"],
                "skeleton": [[1, 2]],
            },
            {"id": 9, "name": "wall", "isthing": 0},
        ],
    }
    return {**content, **more}


def instances(folder, rng):
    """`CocoInstances`."""
    write_images(folder / "images", rng)
    segmentation = [
        [[1, 1, 9, 1, 9, 9]],
        {"counts": [20, 100, 72], "size": [12, 16]},
        {"counts": "d0T34", "size": [12, 16]},
    ]
    annotations = [
        {
            "id": k,
            "image_id": k,
            "category_id": 7,
            "bbox": [1, 2, 8, 7],
            "area": 56.0,
            "iscrowd": 0,
            "keypoints": [3, 4, 2, 8, 8, 1],
            "segmentation": segmentation[k],
        }
        for k in range(3)
    ]
    content = spoil_json(coco(rng, annotations=annotations), rng)
    (folder / "a.json").write_bytes(json_bytes(content, rng))
    source = mtv.data.CocoInstances(
        folder / "images",
        folder / "a.json",
        masks=rng.random() < 0.7,
        **options(rng),
    )
    return read_all(source, boxes=True)


def panoptic(folder, rng):
    """`CocoPanoptic`."""
    write_images(folder / "images", rng)
    write_maps(folder / "maps", rng, "uint8", red=True)
    segments = [
        {"id": k, "category_id": 7 if k < 3 else 9, "bbox": [0, 0, 9, 9]}
        for k in (1, 2, 3)
    ]
    annotations = [
        {"image_id": k, "file_name": f"{n}.png", "segments_info": segments}
        for k, n in enumerate(NAMES)
    ]
    content = json.loads(json.dumps(coco(rng, annotations=annotations)))
    content = spoil_json(content, rng)
    (folder / "a.json").write_bytes(json_bytes(content, rng))
    source = mtv.data.CocoPanoptic(
        folder / "images",
        folder / "a.json",
        folder / "maps",
        masks=rng.random() < 0.7,
        **options(rng),
    )
    return read_all(source, boxes=True)


def voc(folder, rng):
    """`VocDetection`."""
    write_images(folder / "JPEGImages", rng)
    (folder / "Annotations").mkdir()
    for name in NAMES:
        text = spoil_bytes(XML.encode(), rng, 2)
        (folder / f"Annotations/{name}.xml").write_bytes(text)
    lists = folder / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_bytes(spoil_bytes(b"a\nb\nc\n", rng, 1))
    split = rng.choice([None, "train"])
    source = mtv.data.VocDetection(folder, split=split, **options(rng))
    return read_all(source, boxes=True)


def folder_table(folder, rng):
    """`Folder` with a table, boxes and masks."""
    write_images(folder / "images", rng)
    write_maps(folder / "masks", rng, "uint8")
    (folder / "xmls").mkdir()
    for name in NAMES:
        text = spoil_bytes(XML.encode(), rng, 1)
        (folder / f"xmls/{name}.xml").write_bytes(text)
    text = b"file,kind,age\na.png,cat,3.5\nb.png,dog,\nc.png,,7\n"
    (folder / "t.csv").write_bytes(spoil_bytes(text, rng))
    source = mtv.data.Folder(
        folder / "images",
        table=folder / "t.csv",
        columns={"kind": None, "age": float},
        boxes=folder / "xmls",
        masks=folder / "masks",
        **options(rng),
    )
    return read_all(source, boxes=True)


def keypoints(folder, rng):
    """`KeypointTable`."""
    write_images(folder / "images", rng)
    text = b"file,a_x,a_y,b_x,b_y,b_visible\n"
    text += b"a.png,1,2,3,4,2\nb.png,1.5,2,,,0\nc.png,,,,,\n"
    if rng.random() < 0.4:
        text = b"scorer,me,me\nbodyparts,a,a\ncoords,x,y\na.png,1,2\n"
    (folder / "t.csv").write_bytes(spoil_bytes(text, rng))
    source = mtv.data.KeypointTable(
        folder / "images", folder / "t.csv", **options(rng)
    )
    points = [source[k]["keypoints"] for k in range(len(source))]
    return [p for p in points if p is not None] + read_all(source)


def pairs(folder, rng):
    """`VerificationPairs`."""
    write_images(folder / "images", rng)
    text = b"x,y,same\na.png,b.png,1\nb.png,c.png,0\nc.png,c.png,\n"
    (folder / "t.csv").write_bytes(spoil_bytes(text, rng))
    source = mtv.data.VerificationPairs(
        folder / "images", folder / "t.csv", **options(rng)
    )
    return read_all(source)


def yolo(folder, rng):
    """`Yolo`, with a file of names."""
    write_images(folder / "images", rng)
    (folder / "labels").mkdir()
    text = b"0 0.5 0.5 0.4 0.4\n1 0.1 0.1 0.9 0.1 0.9 0.9\n"
    for name in NAMES:
        path = folder / f"labels/{name}.txt"
        path.write_bytes(spoil_bytes(text, rng, 2))
    text = rng.choice(
        [b"names: [cat, 'dog']\n", b"names:\n  0: cat\n  1: dog\n"]
    )
    (folder / "data.yaml").write_bytes(spoil_bytes(text, rng, 1))
    source = mtv.data.Yolo(
        folder / "images",
        folder / "labels",
        names=folder / "data.yaml",
        masks=rng.random() < 0.5,
        **options(rng),
    )
    return read_all(source, boxes=True)


def depth(folder, rng):
    """`DepthMaps`."""
    write_images(folder / "images", rng)
    write_maps(folder / "depth", rng, "uint16")
    source = mtv.data.DepthMaps(
        folder / "images", folder / "depth", unit=0.001, **options(rng)
    )
    return read_all(source)


def classes(folder, rng):
    """`ClassFolders`, of images of many formats, all of them spoiled."""
    for name in ("cat", "dog"):
        (folder / "images" / name).mkdir(parents=True)
        content = spoil_bytes(encoded(rng), rng)
        (folder / f"images/{name}/a.png").write_bytes(content)
    source = mtv.data.ClassFolders(folder / "images", **options(rng))
    return read_all(source)


FILES = {
    "CocoInstances": instances,
    "CocoPanoptic": panoptic,
    "VocDetection": voc,
    "Folder": folder_table,
    "KeypointTable": keypoints,
    "VerificationPairs": pairs,
    "Yolo": yolo,
    "DepthMaps": depth,
    "ClassFolders": classes,
    "read_image": image_bytes,
    "single files": text_bytes,
}


def in_new_folder(target):
    """A target that gets an empty folder each time."""

    def run(folder, rng):
        folder = folder / "set"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return target(folder, rng)

    return run


TARGETS = {name: in_new_folder(target) for name, target in FILES.items()}
