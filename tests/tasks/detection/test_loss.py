from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, gradient, to_numpy
from batteries.losses import check_loss
from batteries.properties import cases
from mtvision.losses import BoxIoU, SmoothL1
from mtvision.ops.box_deltas import encode_boxes
from mtvision.ops.boxes import box_iou
from mtvision.tasks.detection import (
    AnchorAssigner,
    DetectionLoss,
    MultiBoxLoss,
)

# torchvision 0.28, RetinaNetHead.compute_loss and SSD.compute_loss; the
# second image has no objects.
VECTORS = np.load(
    Path(__file__).parents[2] / "vectors" / "detection_losses.npz"
)
LOSSES = {
    "retinanet": lambda **options: DetectionLoss(reduction=None, **options),
    "ssd": lambda **options: MultiBoxLoss(
        reduction=None, min_negatives=0, **options
    ),
}


def case(name):
    """Truth and predictions of a vector."""
    boxes = VECTORS["retinanet/gt0"]
    classes = VECTORS[f"{name}/labels0"] - (name == "ssd")
    truth = {
        "boxes": np.stack([boxes, np.zeros_like(boxes)]),
        "classes": np.stack([classes, -np.ones_like(classes)]),
    }
    anchors = np.broadcast_to(VECTORS["retinanet/anchors"], (2, 40, 4))
    parts = [VECTORS[f"{name}/reg"], VECTORS[f"{name}/logits"], anchors]
    return truth, np.concatenate(parts, axis=-1).astype("float32")


@pytest.mark.parametrize("name", LOSSES)
def test_values_of_torchvision(name):
    truth, outputs = case(name)
    classes = LOSSES[name](box_weight=0.0)(truth, outputs)
    both = LOSSES[name]()(truth, outputs)
    classes, both = (float(np.mean(to_numpy(x))) for x in (classes, both))
    np.testing.assert_allclose(classes, VECTORS[f"{name}/cls"], rtol=1e-5)
    np.testing.assert_allclose(
        both - classes, VECTORS[f"{name}/box"], rtol=1e-5
    )


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_torchvision(name):
    truth, outputs = case(name)
    slope = gradient(lambda x: LOSSES[name]()(truth, x) / 2, outputs)
    np.testing.assert_allclose(
        slope[..., :4], VECTORS[f"{name}/greg"], rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        slope[..., 4:-4], VECTORS[f"{name}/glogits"], rtol=1e-4, atol=1e-6
    )
    assert not slope[..., -4:].any()


def scene(seed=0, anchors=30, columns=3, objects=3):
    """Random truth of two images, each with objects and padding."""
    random = np.random.default_rng(seed)
    first = random.uniform(0, 40, (2, objects, 2))
    boxes = np.concatenate([first, first + random.uniform(8, 30, (2, 3, 2))], 2)
    classes = random.integers(0, 2, (2, objects))
    classes[1, 1:] = -1
    first = random.uniform(0, 50, (anchors, 2))
    own = np.concatenate(
        [first, first + random.uniform(8, 30, (anchors, 2))], 1
    )
    own[:objects] = boxes[0] + 1
    free = random.normal(size=(2, anchors, 4 + columns))
    own = np.broadcast_to(own, (2, anchors, 4))
    outputs = np.concatenate([free, own], -1).astype("float32")
    truth = {"boxes": boxes.astype("float32"), "classes": classes}
    return truth, outputs


def test_properties_of_detection_loss():
    truth, outputs = scene()
    truth["annotated"] = np.array([[1, 1, 0], [1, 1, 1]])
    truth["crowd"] = np.array([[0, 0, 1], [0, 0, 0]])
    arguments = {
        "assigner": AnchorAssigner(high=0.6),
        "alpha": 0.5,
        "gamma": 1.5,
        "box_loss": BoxIoU(kind="giou"),
        "box_form": "boxes",
        "box_weight": 2.0,
        "delta_weights": (2.0, 2.0, 1.0, 1.0),
        "normalize_by": "batch",
        "reduction": "sum",
    }
    check_loss(DetectionLoss, arguments, truth, outputs)


def test_properties_of_multi_box_loss():
    truth, outputs = scene()
    truth["annotated"] = np.array([[1, 0], [1, 1]])
    truth["difficult"] = np.array([[0, 0, 1], [0, 0, 0]])
    arguments = {
        "assigner": AnchorAssigner(high=0.6),
        "negative_ratio": 2.0,
        "min_negatives": 5,
        "box_loss": SmoothL1(beta=0.5),
        "box_form": "boxes",
        "box_weight": 2.0,
        "delta_weights": (2.0, 2.0, 1.0, 1.0),
        "normalize_by": "image",
        "reduction": "sum",
    }
    check_loss(MultiBoxLoss, arguments, truth, outputs)


@pytest.mark.parametrize("loss", [DetectionLoss, MultiBoxLoss])
@pytest.mark.parametrize("normalize_by", ["image", "batch"])
def test_an_image_without_objects_teaches_negatives(loss, normalize_by):
    _, outputs = scene()
    truth = {
        "boxes": np.zeros((2, 3, 4), "float32"),
        "classes": -np.ones((2, 3), int),
    }
    loss = loss(reduction=None, normalize_by=normalize_by)
    slope = gradient(lambda x: loss(truth, x), outputs)
    assert not slope[..., :4].any()
    is_softmax = isinstance(loss, MultiBoxLoss)
    logits = slope[..., 5:-4] if is_softmax else slope[..., 4:-4]
    assert (logits >= 0).all()
    assert (logits > 0).any((1, 2)).all()


@pytest.mark.parametrize("loss", [DetectionLoss, MultiBoxLoss])
def test_rows_of_padding_do_not_matter(loss):
    truth, outputs = scene()
    longer = {
        "boxes": np.pad(truth["boxes"], ((0, 0), (0, 4), (0, 0))),
        "classes": np.pad(
            truth["classes"], ((0, 0), (0, 4)), constant_values=-1
        ),
    }
    longer["boxes"][0, -1] = outputs[0, 7, -4:]  # a box without a class
    loss = loss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(longer, outputs)),
        to_numpy(loss(truth, outputs)),
        rtol=1e-5,
    )


@cases(15)
@given(seed=st.integers(0, 999), annotated=st.integers(0, 7))
def test_what_is_not_annotated_is_no_negative(seed, annotated):
    """Its logits get a slope from its own objects only."""
    truth, outputs = scene(seed)
    flags = np.array([annotated >> k & 1 for k in range(3)])
    own = np.isin(np.arange(3), truth["classes"][0])
    truth["annotated"] = np.stack([np.where(own, 1, flags), np.ones(3)])
    slope = gradient(lambda x: DetectionLoss(reduction=None)(truth, x), outputs)
    unknown = truth["annotated"][0] == 0
    assert not slope[0, :, 4:-4][:, unknown].any()
    known = slope[..., 4:-4]
    assert known[0][:, ~unknown].any() or unknown.all()
    assert known[1].any(axis=0).all()


def test_the_background_may_be_what_is_not_annotated():
    """A softmax's probability of either is what is maximised."""
    _, outputs = scene(columns=4)
    truth = {
        "boxes": np.zeros((2, 3, 4), "float32"),
        "classes": -np.ones((2, 3), int),
        "annotated": np.array([[1, 0, 1], [1, 0, 1]]),
    }
    loss = MultiBoxLoss(reduction=None, min_negatives=30, normalize_by="image")
    logits = outputs[..., 4:8].astype("float64")
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = -np.log(p[..., 0] + p[..., 2]).sum(1)
    np.testing.assert_allclose(
        to_numpy(loss(truth, outputs)), expected, rtol=1e-5
    )


def test_the_hardest_negatives_are_taken():
    """Also where many losses are equal: on an image without a feature."""
    outputs = np.zeros((1, 10, 11), "float32")
    outputs[..., -4:] = [0, 0, 8, 8]
    outputs[0, 3, 4] = -2.0
    truth = {"boxes": np.zeros((1, 2, 4)), "classes": np.array([[-1, -1]])}
    loss = MultiBoxLoss(reduction=None, min_negatives=4)
    expected = np.log(np.exp(2) * 2 + 1) + 3 * np.log(3)
    np.testing.assert_allclose(to_numpy(loss(truth, outputs)), [expected])


@pytest.mark.parametrize("loss", [DetectionLoss, MultiBoxLoss])
def test_perfect_boxes_cost_nothing(loss):
    truth, outputs = scene(columns=3)
    options = {"reduction": None, "box_weight": 1.0}
    boxes, anchors = truth["boxes"][0], outputs[0, :, -4:]
    weights = loss().delta_weights
    nearest = to_numpy(box_iou(boxes, anchors)).argmax(0)
    deltas = encode_boxes(boxes[nearest], anchors, weights=weights)
    outputs[0, :, :4] = to_numpy(deltas)
    with_boxes = to_numpy(loss(**options)(truth, outputs))[0]
    options["box_weight"] = 0.0
    without = to_numpy(loss(**options)(truth, outputs))[0]
    np.testing.assert_allclose(with_boxes, without, rtol=1e-5)


def test_crowds_are_no_background():
    truth, outputs = scene()
    crowd = {**truth, "crowd": np.zeros((2, 3))}
    loss = DetectionLoss(reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(crowd, outputs)), to_numpy(loss(truth, outputs))
    )
    crowd["crowd"][0] = 1
    crowd["boxes"] = truth["boxes"].copy()
    crowd["boxes"][0, 0] = [0, 0, 100, 100]
    slope = gradient(lambda x: loss(crowd, x), outputs)
    assert not slope[0].any()
    assert slope[1].any()


def test_compiled_as_in_fit():
    truth, outputs = scene()
    truth = keras.tree.map_structure(keras.ops.convert_to_tensor, truth)
    for loss in (DetectionLoss(), MultiBoxLoss()):
        run = compiled(lambda x, loss=loss: loss(truth, x))
        np.testing.assert_allclose(
            to_numpy(run(keras.ops.convert_to_tensor(outputs))),
            to_numpy(loss(truth, outputs)),
            rtol=1e-5,
        )


def test_truth_is_checked():
    truth, outputs = scene()
    DetectionLoss().check_truth(truth, outputs)
    truth["classes"][1, 0] = 3
    with pytest.raises(ValueError, match="sample 1 has the class 3"):
        DetectionLoss().check_truth(truth, outputs)
    truth["classes"][1, 0] = 2
    DetectionLoss().check_truth(truth, outputs)
    with pytest.raises(ValueError, match="from 0 to 1"):
        MultiBoxLoss().check_truth(truth, outputs)
    with pytest.raises(ValueError, match="'boxes'"):
        DetectionLoss()({"boxes": truth["boxes"]}, outputs)
    with pytest.raises(ValueError, match="DetectionHead"):
        DetectionLoss()(truth, outputs[..., :8])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"box_form": "corners"}, "box_form"),
        ({"normalize_by": "object"}, "'image' or 'batch'"),
        ({"box_weight": -1.0}, "box_weight"),
        ({"alpha": 2.0}, "alpha"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        DetectionLoss(**options)
    with pytest.raises(ValueError, match="min_negatives"):
        MultiBoxLoss(min_negatives=-1)
