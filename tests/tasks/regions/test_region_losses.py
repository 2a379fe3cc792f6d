from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.box_deltas import decode_boxes
from mtvision.tasks import RegionBoxesLoss, RegionClassesLoss

# torchvision 0.28, fastrcnn_loss: of labels and targets at random, and of
# those that RoIHeads assigns in an image with objects and one without. Its
# background is the first class.
VECTORS = np.load(Path(__file__).parents[2] / "vectors" / "region_losses.npz")
WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def rows(logits, deltas, regions):
    """Rows of classes and of boxes, of torchvision's columns."""
    logits = np.concatenate([logits[..., 1:], logits[..., :1]], -1)
    parts = logits, deltas[..., 4:]
    return [np.concatenate([p, regions], -1).astype("float32") for p in parts]


def scene():
    """Truth of an image with objects and one without, and rows."""
    boxes = VECTORS["regions/boxes"]
    truth = {
        "boxes": np.stack([boxes, np.zeros_like(boxes)]),
        "classes": np.stack([VECTORS["regions/classes"] - 1, [-1] * 3]),
    }
    parts = VECTORS["heads/logits"], VECTORS["heads/deltas"]
    return truth, rows(*parts, VECTORS["regions/regions"])


def random_case():
    """Truth whose labels and targets are those of the vectors."""
    labels = VECTORS["fastrcnn/labels"]
    left = 100.0 * np.arange(10)
    regions = np.stack([left, 0 * left, left + 40, 0 * left + 40], -1)
    boxes = decode_boxes(
        VECTORS["fastrcnn/targets"], regions.astype("float32"), weights=WEIGHTS
    )
    truth = {"boxes": to_numpy(boxes)[None], "classes": labels[None] - 1}
    parts = VECTORS["fastrcnn/logits"][None], VECTORS["fastrcnn/reg"][None]
    return truth, rows(*parts, regions[None])


def options(case):
    if case is scene:
        return {}
    far = AnchorAssigner(high=0.05, low=0.05, allow_low_quality=False)
    return {"assigner": far}


CASES = {
    scene: ("regions/classes_loss", "regions/boxes_loss", "regions/g"),
    random_case: ("fastrcnn/cls", "fastrcnn/box", "fastrcnn/g"),
}


@pytest.mark.parametrize("case", CASES)
def test_classes_of_torchvision(case):
    truth, (classes, _) = case()
    loss = RegionClassesLoss(reduction=None, **options(case))
    value, _, start = CASES[case]
    np.testing.assert_allclose(
        to_numpy(loss(truth, classes)).mean(), VECTORS[value], rtol=1e-5
    )
    slope = gradient(lambda x: loss(truth, x) / len(classes), classes)
    expected = VECTORS[f"{start}logits"].reshape(*classes.shape[:2], -1)
    expected = np.concatenate([expected[..., 1:], expected[..., :1]], -1)
    np.testing.assert_allclose(slope[..., :-4], expected, rtol=1e-4, atol=1e-7)
    assert not slope[..., -4:].any()


@pytest.mark.parametrize("case", CASES)
def test_boxes_of_torchvision(case):
    truth, (_, boxes) = case()
    loss = RegionBoxesLoss(reduction=None, **options(case))
    _, value, start = CASES[case]
    np.testing.assert_allclose(
        to_numpy(loss(truth, boxes)).mean(), VECTORS[value], rtol=1e-4
    )
    slope = gradient(lambda x: loss(truth, x) / len(boxes), boxes)
    name = f"{start}deltas" if case is scene else f"{start}reg"
    expected = VECTORS[name].reshape(*boxes.shape[:2], -1)[..., 4:]
    np.testing.assert_allclose(slope[..., :-4], expected, rtol=1e-4, atol=1e-5)
    assert not slope[..., -4:].any()


def test_one_box_for_all_classes():
    """As if each class had the same deltas."""
    truth, (_, boxes) = scene()
    one = np.concatenate([boxes[..., :4], boxes[..., -4:]], -1)
    each = np.concatenate([boxes[..., :4]] * 3 + [boxes[..., -4:]], -1)
    loss = RegionBoxesLoss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(truth, one)), to_numpy(loss(truth, each)), rtol=1e-6
    )


def test_properties_of_the_losses():
    truth, (classes, boxes) = scene()
    truth["difficult"] = np.array([[0, 0, 1], [0, 0, 0]])
    truth["annotated"] = np.array([[1, 1, 1], [1, 0, 1]])
    arguments = {
        "assigner": AnchorAssigner(high=0.4, low=0.3),
        "num_samples": 12,
        "positive_share": 0.4,
        "normalize_by": "image",
        "reduction": "sum",
    }
    check_loss(RegionClassesLoss, arguments, truth, classes)
    arguments |= {"beta": 0.5, "delta_weights": (2.0, 2.0, 1.0, 1.0)}
    check_loss(RegionBoxesLoss, arguments, truth, boxes)


@pytest.mark.parametrize("place", [0, 1])
def test_padding_and_broken_regions_do_not_matter(place):
    truth, all_rows = scene()
    given = all_rows[place]
    loss = [RegionClassesLoss, RegionBoxesLoss][place](reduction=None)
    further = np.full((2, 3, given.shape[-1]), 7.0, "float32")
    further[:, 0, -4:] = 0
    further[:, 1, -4:] = [9, 9, 9, 30]
    further[:, 2, -4:] = [3, np.nan, 30, 30]
    longer = np.concatenate([given, further], axis=1)
    np.testing.assert_allclose(
        to_numpy(loss(truth, longer)), to_numpy(loss(truth, given)), rtol=1e-5
    )
    slope = gradient(lambda x: loss(truth, x), longer)
    assert not slope[:, -3:].any()
    assert np.isfinite(slope).all()


def test_no_region_at_all():
    """All rows are padding: nothing is taught, and nothing is NaN."""
    truth, (classes, boxes) = scene()
    for loss, given in ((RegionClassesLoss, classes), (RegionBoxesLoss, boxes)):
        given = given.copy()
        given[..., -4:] = 0
        run = loss(reduction=None)
        assert not to_numpy(run(truth, given)).any()
        assert not gradient(lambda x, f=run: f(truth, x), given).any()


def test_the_background_may_be_what_is_not_annotated():
    """A softmax's probability of either is what is maximised."""
    truth, (classes, _) = scene()
    truth["annotated"] = np.array([[1, 1, 1], [1, 0, 1]])
    p = np.exp(classes[1, :, :-4].astype("float64"))
    p /= p.sum(-1, keepdims=True)
    loss = RegionClassesLoss(reduction=None, normalize_by="image")
    np.testing.assert_allclose(
        to_numpy(loss(truth, classes))[1],
        -np.log(p[:, 3] + p[:, 1]).mean(),
        rtol=1e-5,
    )


def test_a_quarter_is_positive_at_most():
    """Weights of positives and negatives, by the slope of equal logits."""
    truth, (classes, _) = scene()
    classes[..., :-4] = 0
    loss = RegionClassesLoss(
        reduction=None, num_samples=8, normalize_by="image"
    )
    slope = gradient(lambda x: loss(truth, x), classes)[0, :, :-4]
    positive = VECTORS["regions/labels"][0] > 0
    own = -8 * slope.min(-1) / 0.75  # the slope of softmax minus one-hot
    np.testing.assert_allclose(own[positive], 2 / positive.sum(), rtol=1e-4)
    np.testing.assert_allclose(own[~positive], 6 / (~positive).sum(), rtol=1e-4)


def test_what_lies_in_a_crowd_is_no_background():
    truth, (classes, _) = scene()
    truth["boxes"][1, 0] = [-9, -9, 99, 99]
    truth["classes"][1, 0] = 1
    truth["crowd"] = np.array([[0, 0, 0], [1, 0, 0]])
    loss = RegionClassesLoss(reduction=None)
    slope = gradient(lambda x: loss(truth, x), classes)
    assert slope[0].any()
    assert not slope[1].any()


def test_truth_is_checked():
    truth, (classes, boxes) = scene()
    RegionClassesLoss().check_truth(truth, classes)
    RegionBoxesLoss().check_truth(truth, boxes)
    truth["classes"][1, 0] = 3
    with pytest.raises(ValueError, match="sample 1 has the class 3"):
        RegionClassesLoss().check_truth(truth, classes)
    with pytest.raises(ValueError, match="sample 1 has the class 3"):
        RegionBoxesLoss().check_truth(truth, boxes)
    one = np.concatenate([boxes[..., :4], boxes[..., -4:]], -1)
    RegionBoxesLoss().check_truth(truth, one)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t: RegionClassesLoss()(t, np.zeros((2, 9, 5))), "C \\+ 1"),
        (lambda t: RegionBoxesLoss()(t, np.zeros((2, 9, 9))), "4 C \\+ 4"),
        (lambda t: RegionBoxesLoss(num_samples=0), "num_samples"),
        (lambda t: RegionBoxesLoss(positive_share=-1), "positive_share"),
        (lambda t: RegionBoxesLoss(beta="0"), "beta"),
        (lambda t: RegionBoxesLoss(normalize_by="all"), "'batch'"),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make(scene()[0])


def test_values_stay_float32():
    """Under a dtype policy of half precision, too."""
    truth, (classes, _) = scene()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = to_numpy(RegionClassesLoss(reduction=None)(truth, classes))
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(
        half, to_numpy(RegionClassesLoss(reduction=None)(truth, classes))
    )
