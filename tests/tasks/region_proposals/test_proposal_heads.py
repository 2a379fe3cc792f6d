"""ProposalTower and the heads after it."""

from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks import (
    GridAnchors,
    ProposalBoxesHead,
    ProposalObjectnessHead,
    ProposalTower,
)

ANCHORS = np.load(Path(__file__).parents[2] / "vectors" / "anchors.npz")
HEADS = {ProposalObjectnessHead: 1, ProposalBoxesHead: 4}


def pyramid(size=(4, 6), channels=(5, 5)):
    random = np.random.default_rng(0)
    height, width = size
    shapes = [(2, *size, channels[0])]
    shapes += [(2, -(-height // 2), -(-width // 2), channels[1])]
    return {
        f"P{3 + k}": random.normal(size=shape).astype("float32")
        for k, shape in enumerate(shapes)
    }


def test_tower_is_a_proper_layer():
    arguments = {"filters": 7, "levels": ("P4",), "depth": 2}
    maps = check_layer(ProposalTower, arguments, pyramid())
    assert maps["P4"].shape == (2, 2, 3, 7)


@pytest.mark.parametrize("head", HEADS)
def test_heads_are_proper_layers(head):
    arguments = {"anchors": GridAnchors(scales=(1.0, 2.0))}
    rows = check_layer(head, arguments, pyramid())
    assert rows.shape == (2, 6 * (4 * 6 + 2 * 3), HEADS[head] + 4)


@pytest.mark.parametrize("head", HEADS)
def test_levels_share_their_weights(head):
    maps = pyramid((6, 6))
    maps["P4"] = maps["P3"]
    rows = to_numpy(head()(ProposalTower(4)(maps)))
    first, second = np.split(rows[..., :-4], 2, axis=1)
    np.testing.assert_allclose(first, second, atol=1e-6)
    assert np.ptp(first) > 0


@pytest.mark.parametrize("head", HEADS)
def test_anchors_of_torchvision(head):
    """The default's sizes, with torchvision's places, in images any size."""
    sizes = ANCHORS["fpn_rpn/feat_hw"].tolist()
    maps = {
        f"P{2 + k}": np.zeros((1, *size, 1), "float32")
        for k, size in enumerate(sizes)
    }
    symbolic = {k: keras.Input((None, None, 1), name=k) for k in maps}
    default = head().anchors.get_config()
    anchors = GridAnchors(**{**default, "offset": 0.0})
    model = keras.Model(symbolic, head(anchors=anchors)(symbolic))
    rows = to_numpy(model(maps))
    np.testing.assert_array_equal(rows[0, :, -4:], ANCHORS["fpn_rpn/anchors"])


def test_anchors_of_one_level_as_torchvision():
    size = ANCHORS["c4_rpn/feat_hw"][0].tolist()
    anchors = GridAnchors(sizes=[(32, 64, 128, 256, 512)], offset=0.0)
    maps = {"P4": np.zeros((1, *size, 1), "float32")}
    rows = to_numpy(ProposalObjectnessHead(anchors=anchors)(maps))
    np.testing.assert_array_equal(rows[0, :, -4:], ANCHORS["c4_rpn/anchors"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ProposalTower(0), "filters"),
        (lambda: ProposalTower(depth=-1), "depth"),
        (lambda: ProposalTower(levels=()), "levels"),
        (lambda: ProposalTower(levels=["P6"])(pyramid()), "P6"),
        (lambda: ProposalTower()(pyramid(channels=(5, 6))), "FeaturePyramid"),
        (
            lambda: ProposalBoxesHead()(pyramid(channels=(5, 6))),
            "ProposalTower",
        ),
        (
            lambda: ProposalTower()(
                {**pyramid(), "P7": np.zeros((2, 1, 1, 5))}
            ),
            "P7, has a stride of 128 pixels",
        ),
        (lambda: ProposalTower()(pyramid()["P3"]), "dict of maps"),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
