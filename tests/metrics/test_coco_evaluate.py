import sys

import numpy as np
import pytest

from batteries import coco_images
from mtvision.metrics import coco_evaluate

EXPECTED = coco_images.expected()
BOX = [10.0, 10.0, 50.0, 50.0]


def one_image(**fields):
    """Truth and detection of one object, equal but for what is given."""
    truth = {"boxes": [BOX], "classes": [0]}
    found = {"boxes": [BOX], "classes": [0], "scores": [0.9]}
    return truth | fields, found


def evaluate(*images, **options):
    truth, found = zip(*images)
    return coco_evaluate(truth, found, **options)


@pytest.mark.parametrize("name", ["boxes", "masks", "keypoints", "agnostic"])
def test_equal_to_pycocotools(name):
    kind = "boxes" if name == "agnostic" else name
    result = coco_evaluate(
        coco_images.truth(),
        coco_images.detections(kind),
        kind=kind,
        num_classes=3,
        agnostic=name == "agnostic",
    )
    scores = list(result.scores.values())
    for found, field in (
        (scores, "stats"),
        (result.precision, "precision"),
        (result.recall, "recall"),
        (result.score_thresholds, "scores"),
    ):
        expected = EXPECTED[f"{name}/{field}"]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_scores_of_classes_and_of_thresholds_average_to_the_whole():
    result = coco_evaluate(
        coco_images.truth(), coco_images.detections("boxes"), num_classes=4
    )
    assert np.isnan(result.class_scores[3])
    assert result.scores["AP"] == pytest.approx(result.class_scores[:3].mean())
    assert result.scores["AP"] == pytest.approx(result.iou_scores.mean())
    assert result.scores["AP50"] == result.iou_scores[0]
    assert result.scores["AP75"] == result.iou_scores[5]


def test_padding_and_the_order_of_rows_do_not_matter():
    detections = coco_images.detections("boxes")
    truth = coco_images.truth()
    expected = coco_evaluate(truth, detections).scores
    for image, found in zip(truth, detections):
        del image["masks"]
        for objects in (image, found):
            for field, value in objects.items():
                value = np.asarray(value, "float64")
                rows = np.full((2, *value.shape[1:]), -1.0)
                objects[field] = np.concatenate([rows, value])
    assert coco_evaluate(truth, detections).scores == expected


def test_nothing_is_printed(capsys):
    evaluate(one_image())
    assert capsys.readouterr() == ("", "")


def test_masks_in_all_forms():
    mask = np.zeros((1, 60, 60), "uint8")
    mask[0, 10:50, 10:50] = 1
    counts = [60 * 10 + 10, *([40, 20] * 40)]
    counts[-1] = 3600 - sum(counts[:-1])
    truth = {"masks": [{"size": [60, 60], "counts": counts}], "classes": [0]}
    for masks in (mask, mask > 0, 0.4 + 0.2 * mask):
        found = {"masks": masks, "classes": [0], "scores": [1.0]}
        scores = coco_evaluate([truth], [found], kind="masks").scores
        assert scores["AP"] == pytest.approx(1)
        assert scores["APm"] == pytest.approx(1)
        assert np.isnan(scores["APs"])


def test_the_area_decides_what_is_small():
    assert np.isnan(evaluate(one_image()).scores["APs"])
    assert evaluate(one_image(area=[900.0])).scores["APs"] == pytest.approx(1)


@pytest.mark.parametrize("kind", ["boxes", "keypoints"])
def test_difficult_objects_are_ignored_once_and_crowds_often(kind):
    points = np.array([[[20.0, 20.0, 2.0], [30.0, 30.0, 1.0]]])
    easy = {"boxes": [BOX], "classes": [0], "keypoints": points}
    found = {**easy, "scores": [0.5]}
    twice = {
        "boxes": [BOX, BOX],
        "classes": [0, 0],
        "scores": [0.9, 0.8],
        "keypoints": np.repeat(points, 2, axis=0),
    }

    def score(detections, **fields):
        return evaluate(
            (easy, found),
            (easy | fields, detections),
            kind=kind,
            sigmas=[0.1, 0.1],
        ).scores["AP"]

    once = {field: value[:1] for field, value in twice.items()}
    assert score(once, difficult=[1]) == pytest.approx(1)
    assert score(twice, difficult=[1]) == pytest.approx(0.5)
    assert score(twice, crowd=[1]) == pytest.approx(1)
    assert score(twice, crowd=[1], difficult=[1]) == pytest.approx(1)
    assert score(twice) < 1


def test_what_is_not_annotated_is_neither_right_nor_wrong():
    extra = {"boxes": [BOX], "classes": [1], "scores": [0.95]}
    nothing = {"boxes": [], "classes": []}
    known = {"boxes": [BOX], "classes": [1]}, {**extra, "scores": [0.5]}
    worse = evaluate(known, (nothing, extra))
    assert worse.class_scores[1] == pytest.approx(0.5)
    partly = {**nothing, "annotated": [1, 0]}
    better = evaluate(known, (partly, extra), num_classes=2)
    assert better.class_scores[1] == pytest.approx(1)
    # Truth of such a class does not count either.
    truth, _ = one_image(annotated=[0, 1])
    none = {"boxes": [], "classes": [], "scores": []}
    assert np.isnan(evaluate((truth, none)).scores["AP"])


def test_images_without_anything():
    none = {"boxes": [], "classes": [], "scores": []}
    assert np.isnan(evaluate((none, none)).scores["AP"])
    assert evaluate(one_image(), (none, none)).scores["AP"] == pytest.approx(1)
    _, found = one_image()
    assert evaluate(one_image(), (none, found)).scores["AR100"] == 1
    truth, _ = one_image()
    assert evaluate((truth, none)).scores["AP"] == 0


def test_the_sigmas_say_how_far_off_is_right():
    truth = {"boxes": [BOX], "classes": [0], "keypoints": [[[20, 20, 2]]]}
    found = {"classes": [0], "scores": [1], "keypoints": [[[26, 20, 1]]]}

    def score(sigma):
        return evaluate((truth, found), kind="keypoints", sigmas=[sigma])

    # exp(-6² / (2 (2 σ)² 40²)) = 0.778 for σ = 0.106: above six thresholds.
    assert score(0.106).scores["AP"] == pytest.approx(0.6)
    assert score(0.01).scores["AP"] == 0
    assert score(1.0).scores["AP"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"boxes": [[5, 5, 4, 9]]}, "in the truth, the box .* is inverted"),
        ({"boxes": [[np.nan] * 4]}, "in the truth, the box .* not finite"),
        ({"boxes": [BOX, BOX]}, r"'boxes' of shape \(1, 4\)"),
        ({"boxes": [BOX[:3]]}, r"'boxes' of shape \(1, 4\)"),
        ({"boxes": None}, r"\['boxes'\] are missing"),
        ({"classes": [-2]}, "whole numbers 0 or more"),
        ({"classes": [0.5]}, "whole numbers"),
        ({"crowd": [1, 0]}, r"'crowd' of shape \(1\)"),
        ({"annotated": [[1]]}, r"'annotated' \(C,\)"),
        ({"annotated": []}, "'annotated'"),
    ],
)
def test_bad_truth_names_the_image(fields, message):
    with pytest.raises(ValueError, match=f"Image 1: .*{message}"):
        evaluate(one_image(), one_image(**fields))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scores": [np.nan]}, "a score is nan"),
        ({"scores": [0.5, 0.4]}, r"'scores' of shape \(1\)"),
        ({"classes": [7]}, "whole numbers below 2"),
        ({"boxes": [[5, 5, 4, 9]]}, "is inverted"),
    ],
)
def test_bad_detections_name_the_image(fields, message):
    truth, found = one_image()
    with pytest.raises(ValueError, match=f"Image 0: in the detec.*{message}"):
        evaluate((truth, found | fields), num_classes=2)


def test_padding_may_hold_anything():
    truth, found = one_image()
    found["boxes"].append([9, 9, 0, np.nan])
    found["classes"].append(-1)
    found["scores"].append(np.nan)
    assert evaluate((truth, found)).scores["AP"] == pytest.approx(1)


def test_bad_masks_and_key_points_name_the_image():
    image = {"masks": np.ones((1, 4, 4)), "classes": [0], "scores": [1]}
    other = image | {"masks": np.ones((1, 4, 5))}
    with pytest.raises(ValueError, match=r"Image 1: the masks have the sizes"):
        evaluate((image, image), (image, other), kind="masks")
    with pytest.raises(ValueError, match="Image 0.*'size' and 'counts'"):
        evaluate((image | {"masks": [{"a": 1}]}, image), kind="masks")
    points = one_image()[0] | {"keypoints": np.ones((1, 5, 3))}
    few = {"keypoints": np.ones((1, 4, 3)), "classes": [0], "scores": [1]}
    with pytest.raises(ValueError, match=r"Image 0.* 4 key points.* 5"):
        evaluate((points, few), kind="keypoints")
    few["keypoints"] = np.ones((1, 5, 3))
    with pytest.raises(ValueError, match=r"sigmas.*\[5\] key points.* 17"):
        evaluate((points, few), kind="keypoints")


def test_bad_arguments():
    truth, found = one_image()
    with pytest.raises(ValueError, match="received 2 and 1"):
        coco_evaluate([truth] * 2, [found])
    with pytest.raises(ValueError, match="at least one"):
        coco_evaluate([], [])
    with pytest.raises(ValueError, match="'boxes', 'masks', 'keypoints'"):
        coco_evaluate([truth], [found], kind="box")
    points = coco_images.truth(), coco_images.detections("keypoints")
    with pytest.raises(ValueError, match="agnostic=False"):
        coco_evaluate(*points, kind="keypoints", agnostic=True)
    with pytest.raises(ValueError, match=r"sigmas.*above 0, received \[0, 0"):
        coco_evaluate(*points, kind="keypoints", sigmas=[0] * 5)
    with pytest.raises(ValueError, match="num_classes.*1 or more"):
        coco_evaluate([truth], [found], num_classes=0)


def test_fields_of_none_are_missing():
    truth, found = one_image()
    message = r"received \['classes', 'scores'\]: \['boxes'\] are missing"
    with pytest.raises(ValueError, match=message):
        evaluate((truth, found | {"boxes": None}))


def test_pycocotools_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(ImportError, match=r"pip install 'mtvision\[coco\]'"):
        evaluate(one_image())


def test_a_slip_of_an_optional_name_is_told():
    with pytest.raises(ValueError, match=r"Image 0: .*'iscrowd'.*'crowd'\?"):
        evaluate(one_image(iscrowd=[1]))
    assert evaluate(one_image(file="a.png", mask=np.zeros((8, 8))))


def test_ids_of_categories_are_no_class_numbers():
    objects = {"boxes": [[0, 0, 4, 4]], "classes": [2_000_000_000]}
    with pytest.raises(ValueError, match="2000000000.*id of a category"):
        coco_evaluate([objects], [{**objects, "scores": [1.0]}])
