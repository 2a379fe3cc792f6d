"""Areas of objects, which COCO's scores of key points need."""

import contextlib
import io
import json
import pathlib
import warnings

import numpy as np
import pytest

from mtvision.data import Batches, CocoInstances
from mtvision.metrics import coco_evaluate, collect_detections

FOLDER = pathlib.Path(__file__).parents[2] / "../shared/data/coco_keypoints"
FIELDS = ("boxes", "classes", "crowd", "keypoints")


def persons():
    """Four images of COCO."""
    pytest.importorskip("pycocotools")
    if not FOLDER.is_dir():
        pytest.skip("needs the data set coco_keypoints")
    return CocoInstances(FOLDER / "images", FOLDER / "person_keypoints.json")


def jittered(source):
    """Each object, its key points moved by some pixels."""
    generator = np.random.default_rng(0)
    found = []
    for sample in source:
        points = np.array(sample["keypoints"])
        points[..., :2] += generator.normal(0, 6, points[..., :2].shape)
        rows = points.shape[:1]
        found.append(
            {
                "keypoints": points,
                "classes": np.zeros(rows),
                "scores": generator.uniform(size=rows),
            }
        )
    return found


def by_hand(source, found):
    """The scores of pycocotools on the JSON file."""
    from pycocotools import coco, cocoeval

    path = FOLDER / "person_keypoints.json"
    images = json.loads(path.read_text())["images"]
    numbers = {image["file_name"]: image["id"] for image in images}
    rows = []
    for file, image in zip(source.files, found):
        points = image["keypoints"] - [0.5, 0.5, 0]
        for each, score in zip(points.reshape(-1, 51), image["scores"]):
            rows.append(
                {
                    "image_id": numbers[file],
                    "category_id": int(source.category_ids[0]),
                    "keypoints": each.tolist(),
                    "score": float(score),
                }
            )
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco.COCO(str(path))
        evaluation = cocoeval.COCOeval(truth, truth.loadRes(rows), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def test_scores_of_what_the_reader_gives_are_those_of_the_file():
    source = persons()
    found = jittered(source)
    result = coco_evaluate(list(source), found, kind="keypoints")
    expected = by_hand(source, found)
    assert 0.1 < expected[0] < 0.9
    np.testing.assert_allclose(
        list(result.scores.values()), expected, rtol=0, atol=1e-9
    )


class Canvas:
    """The same samples on images of one size, which batches need."""

    def __init__(self, source):
        self.source = source
        self.column = source.column

    def __len__(self):
        return len(self.source)

    def __getitem__(self, index):
        sample = self.source[index]
        image = np.zeros((640, 640, 3), "uint8")
        height, width = sample["image"].shape[:2]
        image[:height, :width] = sample["image"]
        return sample | {"image": image}


class Jitter:
    """A detector that finds the key points of `jittered`, padded."""

    def __init__(self, found, rows):
        self.found = iter(found)
        self.rows = rows

    def predict_on_batch(self, inputs):
        image = next(self.found)
        padding = self.rows - len(image["scores"])
        return {
            name: np.pad(
                value,
                [(0, padding)] + [(0, 0)] * (value.ndim - 1),
                constant_values=-1 if name == "classes" else 0,
            )[None]
            for name, value in image.items()
        }


def collected(source, fields):
    batches = Batches(
        Canvas(source),
        {"keypoints": {name: name for name in fields}},
        max_objects=20,
        batch_size=1,
    )
    return collect_detections(
        batches,
        Jitter(jittered(source), 20),
        task="keypoints",
        kind="keypoints",
        verbose=0,
    )


def test_batches_carry_the_areas_to_the_evaluation():
    source = persons()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        lists = collected(source, (*FIELDS, "area"))
    scores = coco_evaluate(*lists, kind="keypoints").scores
    expected = by_hand(source, jittered(source))
    np.testing.assert_allclose(
        list(scores.values()), expected, rtol=0, atol=1e-6
    )


def test_batches_without_the_areas_warn():
    with pytest.warns(UserWarning, match="'area': 'area' to the targets"):
        collected(persons(), FIELDS)


def test_an_area_that_is_not_known_is_that_of_the_box():
    points = np.full((1, 17, 3), 2.0)
    truth = {
        "boxes": [[0.0, 0.0, 40.0, 40.0]],
        "classes": [0],
        "keypoints": points,
    }
    found = {
        "classes": [0],
        "scores": [0.9],
        "keypoints": np.add(points, [4.0, 0.0, 0.0]),
    }
    without, unknown, small = (
        coco_evaluate([truth | area], [found], kind="keypoints").scores["AP"]
        for area in ({}, {"area": [np.nan]}, {"area": [100.0]})
    )
    assert without == unknown > small
