from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from batteries.properties import cases
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.sampling_weights import sampling_weights
from mtvision.tasks import (
    ProposalBoxesHead,
    ProposalBoxesLoss,
    ProposalObjectnessHead,
    ProposalObjectnessLoss,
    ProposalTower,
)
from mtvision.training import MultiTaskModel

# torchvision 0.28, RegionProposalNetwork.compute_loss: an image with objects
# and one without; and the mean over 20000 of its samples of 12 anchors.
VECTORS = np.load(Path(__file__).parents[2] / "vectors" / "region_losses.npz")
LOSSES = [ProposalObjectnessLoss, ProposalBoxesLoss]
COLUMN = {ProposalObjectnessLoss: "logits", ProposalBoxesLoss: "deltas"}
VALUE = {ProposalObjectnessLoss: "objectness", ProposalBoxesLoss: "boxes_loss"}


def case(loss):
    """Truth and rows of the vectors."""
    boxes = VECTORS["rpn/boxes"]
    truth = {
        "boxes": np.stack([boxes, np.zeros_like(boxes)]),
        "classes": np.array([[0, 2, 1], [-1, -1, -1]]),
    }
    values = VECTORS[f"rpn/{COLUMN[loss]}"]
    anchors = VECTORS["rpn/anchors"]
    anchors = np.broadcast_to(anchors, (2, *anchors.shape))
    return truth, np.concatenate([values, anchors], -1).astype("float32")


@pytest.mark.parametrize("loss", LOSSES)
def test_values_and_gradients_of_torchvision(loss):
    truth, rows = case(loss)
    values = to_numpy(loss(reduction=None)(truth, rows))
    np.testing.assert_allclose(
        values.mean(), VECTORS[f"rpn/{VALUE[loss]}"], rtol=1e-5
    )
    slope = gradient(lambda x: loss(reduction=None)(truth, x) / 2, rows)
    expected = VECTORS[f"rpn/g{COLUMN[loss]}"]
    np.testing.assert_allclose(slope[..., :-4], expected, rtol=1e-4, atol=1e-7)
    assert not slope[..., -4:].any()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_weights_give_the_mean_over_the_draws_of_torchvision(loss):
    truth, rows = case(loss)
    values = to_numpy(loss(num_samples=12, reduction=None)(truth, rows))
    place = LOSSES.index(loss)
    mean, error = (VECTORS[f"rpn/draws_{x}"][place] for x in ("mean", "error"))
    # The error of the boxes is 0: all positives are in each of the draws.
    assert abs(values.mean() - mean) < 4 * error + 1e-4 * mean


@cases(25)
@given(
    seed=st.integers(0, 999),
    number=st.integers(1, 40),
    share=st.floats(0, 1),
    rate=st.floats(0, 1),
)
def test_weights_of_a_sample(seed, number, share, rate):
    random = np.random.default_rng(seed)
    positive = random.random((3, 20)) < rate
    negative = ~positive & (random.random((3, 20)) < 0.7)
    weights, count = to_numpy(
        sampling_weights(positive, negative, number, share)
    )
    of_positives = np.minimum(positive.sum(1), int(number * share))
    of_negatives = np.minimum(negative.sum(1), number - of_positives)
    np.testing.assert_array_equal(count, of_positives + of_negatives)
    np.testing.assert_allclose(
        (weights * positive).sum(1), of_positives, rtol=1e-5
    )
    np.testing.assert_allclose(
        (weights * negative).sum(1), of_negatives, rtol=1e-5
    )
    assert not weights[~positive & ~negative].any()
    assert (weights <= 1).all()


def test_properties_of_the_losses():
    truth, rows = case(ProposalObjectnessLoss)
    truth["crowd"] = np.array([[0, 0, 1], [0, 0, 0]])
    truth["annotated"] = np.ones((2, 3))
    arguments = {
        "assigner": AnchorAssigner(high=0.6),
        "num_samples": 20,
        "positive_share": 0.4,
        "normalize_by": "image",
        "reduction": "sum",
    }
    check_loss(ProposalObjectnessLoss, arguments, truth, rows)
    arguments |= {"beta": 0.5, "delta_weights": (2.0, 2.0, 1.0, 1.0)}
    _, rows = case(ProposalBoxesLoss)
    check_loss(ProposalBoxesLoss, arguments, truth, rows)


@pytest.mark.parametrize("normalize_by", ["image", "batch"])
def test_an_image_without_objects_teaches_negatives(normalize_by):
    _, rows = case(ProposalObjectnessLoss)
    truth = {"boxes": np.zeros((2, 1, 4)), "classes": -np.ones((2, 1))}
    loss = ProposalObjectnessLoss(reduction=None, normalize_by=normalize_by)
    slope = gradient(lambda x: loss(truth, x), rows)
    assert (slope[..., 0] > 0).all()
    boxes = ProposalBoxesLoss(reduction=None, normalize_by=normalize_by)
    assert not to_numpy(boxes(truth, case(ProposalBoxesLoss)[1])).any()


def test_no_negatives_where_not_all_is_annotated():
    truth, rows = case(ProposalObjectnessLoss)
    truth["annotated"] = np.array([[1, 1, 1], [1, 0, 1]])
    loss = ProposalObjectnessLoss(reduction=None)
    slope = gradient(lambda x: loss(truth, x), rows)
    assert slope[0].any()
    assert not slope[1].any()


def test_anchors_in_a_crowd_are_no_negatives():
    truth, rows = case(ProposalObjectnessLoss)
    truth["boxes"][1, 0] = [-50, -50, 99, 99]
    truth["classes"][1, 0] = 1
    truth["crowd"] = np.array([[0, 0, 0], [1, 0, 0]])
    loss = ProposalObjectnessLoss(reduction=None)
    slope = gradient(lambda x: loss(truth, x), rows)
    assert slope[0].any()
    assert not slope[1].any()


def test_perfect_boxes_cost_nothing():
    truth, _ = case(ProposalBoxesLoss)
    row = np.concatenate([np.zeros(4), truth["boxes"][0, 1]])
    rows = np.broadcast_to(row.astype("float32"), (2, 5, 8)).copy()
    loss = ProposalBoxesLoss(reduction=None)
    assert not to_numpy(loss(truth, rows)).any()
    rows[0, 3, 1] = 0.5
    expected = [2 * (0.5 - 1 / 18) / 10, 0]  # of ten anchors, over two images
    np.testing.assert_allclose(to_numpy(loss(truth, rows)), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda o, b: ProposalBoxesLoss()(*o), "ProposalBoxesHead"),
        (lambda o, b: ProposalObjectnessLoss()(*b), "ProposalObjectnessHead"),
        (lambda o, b: ProposalBoxesLoss().check_truth(*o), "ProposalBoxesH"),
        (lambda o, b: ProposalBoxesLoss(num_samples=0), "num_samples"),
        (lambda o, b: ProposalBoxesLoss(positive_share=2), "positive_share"),
        (lambda o, b: ProposalBoxesLoss(beta=-1), "beta"),
        (lambda o, b: ProposalBoxesLoss(normalize_by="all"), "'batch'"),
    ],
)
def test_what_cannot_be_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call(case(ProposalObjectnessLoss), case(ProposalBoxesLoss))


def test_losses_and_heads_belong_together():
    """The heads are layers of their own, so `compile` sees which is which."""
    features = {"P3": keras.Input((4, 4, 3), name="P3")}
    maps = ProposalTower(4)(features)
    outputs = {
        "rpn_objectness": ProposalObjectnessHead(name="rpn_objectness")(maps),
        "rpn_boxes": ProposalBoxesHead(name="rpn_boxes")(maps),
    }
    model = MultiTaskModel(features, outputs)
    loss = {
        "rpn_objectness": ProposalObjectnessLoss(),
        "rpn_boxes": ProposalBoxesLoss(),
    }
    model.compile("sgd", loss=loss)
    loss["rpn_boxes"] = ProposalObjectnessLoss()
    with pytest.raises(ValueError, match="ProposalBoxesLoss"):
        model.compile("sgd", loss=loss)
