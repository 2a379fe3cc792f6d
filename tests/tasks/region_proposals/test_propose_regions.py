from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.properties import cases
from mtvision.tasks import ProposeRegions

# torchvision 0.28, RegionProposalNetwork.filter_proposals: 30 candidates a
# level, 25 proposals.
VECTORS = np.load(Path(__file__).parents[2] / "vectors" / "region_losses.npz")
MAPS = {
    "P3": np.zeros((2, 6, 6, 4), "float32"),
    "P4": np.zeros((2, 3, 3, 4), "float32"),
}
IMAGE = np.zeros((2, 48, 48, 3), "float32")


def rows():
    """Objectness and boxes of the vectors."""
    anchors = VECTORS["rpn/anchors"]
    anchors = np.broadcast_to(anchors, (2, *anchors.shape))
    values = VECTORS["rpn/logits"], VECTORS["rpn/deltas"]
    return [np.concatenate([v, anchors], -1) for v in values]


def test_proposals_of_torchvision():
    propose = ProposeRegions(num_regions=25, num_candidates=30)
    regions = to_numpy(propose(*rows(), IMAGE, MAPS))
    for image, found in enumerate(regions):
        expected = VECTORS[f"rpn/proposals{image}"]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_levels_neither_compete_nor_suppress_each_other():
    """Together they give what each gives on its own, if there is room."""
    options = {"num_candidates": 12, "iou_threshold": 0.2}
    together = ProposeRegions(num_regions=24, **options)
    alone = ProposeRegions(num_regions=12, **options)
    parts = slice(6 * 6 * 3), slice(6 * 6 * 3, None)
    expected = np.concatenate(
        [to_numpy(alone(*(x[:, p] for x in rows()), IMAGE)) for p in parts], 1
    )
    found = to_numpy(together(*rows(), IMAGE, MAPS))
    as_one = to_numpy(together(*rows(), IMAGE))
    for image in range(2):
        found_of, expected_of, as_one_of = (
            sorted(x[image].tolist()) for x in (found, expected, as_one)
        )
        np.testing.assert_allclose(found_of, expected_of, rtol=1e-5)
        assert sum(box[2] > 0 for box in found_of) > 12
        assert sum(box[2] > 0 for box in as_one_of) <= 12


@pytest.mark.parametrize("join", [False, True])
def test_is_a_proper_layer(join):
    arguments = {
        "num_regions": 7,
        "num_candidates": 9,
        "iou_threshold": 0.5,
        "min_size": 2.0,
        "delta_weights": (2.0, 2.0, 1.0, 1.0),
    }
    inputs = (*rows(), IMAGE, MAPS)
    if join:
        inputs += (np.full((2, 3, 4), 5.0, "float32"),)
    regions = check_layer(
        ProposeRegions, arguments, inputs, differentiable=False
    )
    assert regions.shape == (2, 10 if join else 7, 4)
    assert not regions[:, 7:].any()  # of no size


def test_no_gradient_flows():
    objectness, boxes = rows()
    propose = ProposeRegions(num_regions=5)

    def through_boxes(x):
        return propose(objectness, x, IMAGE) + 0 * keras.ops.sum(x)

    assert not gradient(through_boxes, boxes).any()
    further = np.array([[[1.0, 2, 9, 9]]] * 2, "float32")

    def through_further(x):
        regions = propose(objectness, boxes, IMAGE, None, x)
        return regions + 0 * keras.ops.sum(x)

    assert not gradient(through_further, further).any()


def test_images_of_any_size():
    """Neither the anchors nor the proposals that join have a known number."""
    shapes = [(None, 5), (None, 8), (None, None, 3)]
    inputs = [keras.Input(shape) for shape in shapes]
    maps = {k: keras.Input((None, None, 4), name=k) for k in MAPS}
    further = keras.Input((None, 4))
    layer = ProposeRegions(num_regions=25, num_candidates=30)
    model = keras.Model([*inputs, maps, further], layer(*inputs, maps, further))
    given = [*rows(), IMAGE, MAPS, np.full((2, 2, 4), np.nan, "float32")]
    regions = model.predict_on_batch(given)
    assert regions.shape == (2, 27, 4)
    expected = to_numpy(layer(*rows(), IMAGE, MAPS))
    np.testing.assert_allclose(regions[:, :25], expected, rtol=1e-5, atol=1e-4)
    assert not regions[:, 25:].any()


def test_further_proposals_join_last():
    further = [[9, 9, 20, 15], [-5, -5, 8, 99], [60, 60, 70, 70]]
    further += [[np.nan, 0, 9, 9], [9, 9, 3, 3], [0, 0, 0, 0]]
    further = np.array([further] * 2, "float32")
    propose = ProposeRegions(num_regions=4)
    regions = to_numpy(propose(*rows(), IMAGE, MAPS, further))
    expected = np.zeros((6, 4))
    expected[:2] = [[9, 9, 20, 15], [0, 0, 8, 48]]
    np.testing.assert_array_equal(regions[0, 4:], expected)
    alone = to_numpy(propose(*rows(), IMAGE, MAPS))
    np.testing.assert_array_equal(regions[:, :4], alone)


@pytest.mark.parametrize(
    ("place", "column", "value"),
    [
        (0, 0, np.nan),
        (0, 0, -np.inf),
        (1, 2, np.nan),
        (1, 5, np.nan),
        (1, 5, np.inf),
        (1, 5, -np.inf),
    ],
)
def test_broken_anchors_are_left_out(place, column, value):
    given = rows()
    kept = np.arange(135) % 7 > 0
    propose = ProposeRegions(num_regions=30)
    expected = to_numpy(propose(*(x[:, kept] for x in given), IMAGE))
    given[place][:, ~kept, column] = value
    regions = to_numpy(propose(*given, IMAGE))
    np.testing.assert_allclose(regions, expected, atol=1e-4)
    assert expected.any()


@cases(10)
@given(seed=st.integers(0, 999), number=st.sampled_from([1, 9, 30]))
def test_regions_lie_in_the_image_and_stand_first(seed, number):
    random = np.random.default_rng(seed)
    first = random.uniform(-60, 60, (2, 12, 2))
    last = first + random.choice([0, 1, 30], (2, 12, 2))
    values = [random.normal(size=(2, 12, k)) for k in (1, 4)]
    given = [
        np.concatenate([v, first, last], -1).astype("float32") for v in values
    ]
    propose = ProposeRegions(num_regions=number, min_size=1.5)
    regions = to_numpy(propose(*given, IMAGE))
    assert (regions >= 0).all()
    assert (regions <= 48).all()
    sides = regions[..., 2:] - regions[..., :2]
    is_real = (sides > 0).all(-1)
    assert (sides[is_real] >= 1.5).all()
    assert not regions[~is_real].any()
    assert not is_real[:, 1:][~is_real[:, :-1]].any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ProposeRegions(num_regions=0), "num_regions"),
        (lambda: ProposeRegions(num_candidates=0), "num_candidates"),
        (lambda: ProposeRegions(iou_threshold=7), "iou_threshold"),
        (lambda: ProposeRegions(min_size=-1), "min_size"),
        (
            lambda: ProposeRegions()(*rows()[::-1], IMAGE),
            "ProposalObjectnessHead",
        ),
        (
            lambda: ProposeRegions()(
                *rows(), IMAGE, {"P3": np.zeros((2, 7, 7, 1))}
            ),
            "135 anchors",
        ),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
