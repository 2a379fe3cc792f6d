"""RegionTower and the heads after it."""

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from mtvision.tasks import RegionBoxesHead, RegionClassesHead, RegionTower

REGIONS = np.array(
    [[[0, 0, 333, 9], [5, 5, 9, 9], [0, 0, 0, 0]]] * 2, "float32"
)
FEATURES = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")


def test_tower_is_a_proper_layer():
    pooled = np.random.default_rng(0).normal(size=(2, 3, 2, 2, 5))
    arguments = {"units": 7, "depth": 3, "dropout": 0.5}
    features = check_layer(RegionTower, arguments, pooled.astype("float32"))
    assert features.shape == (2, 3, 7)


@pytest.mark.parametrize(
    ("head", "columns"), [(RegionClassesHead, 6), (RegionBoxesHead, 20)]
)
def test_heads_are_proper_layers(head, columns):
    inputs = FEATURES, REGIONS
    rows = check_layer(head, {"num_classes": 5}, inputs, without_gradient=(1,))
    assert rows.shape == (2, 3, columns + 4)
    np.testing.assert_array_equal(rows[..., -4:], REGIONS)


@pytest.mark.parametrize("head", [RegionClassesHead, RegionBoxesHead])
def test_regions_stay_exact_and_without_gradient(head):
    """In bfloat16 the 333 would be 332."""
    layer = head(2, dtype="mixed_bfloat16")
    np.testing.assert_array_equal(
        to_numpy(layer(FEATURES, REGIONS))[..., -4:], REGIONS
    )
    slope = gradient(lambda x: layer(FEATURES, x), REGIONS)
    assert not slope.any()


def test_broken_regions_become_padding():
    broken = REGIONS.copy()
    broken[0, 0, 1] = np.nan
    rows = to_numpy(RegionClassesHead(2)(FEATURES, broken))
    assert not rows[0, 0, -4:].any()
    np.testing.assert_array_equal(rows[1, ..., -4:], REGIONS[1])


def test_one_box_for_all_classes():
    assert RegionBoxesHead()(FEATURES, REGIONS).shape == (2, 3, 8)


def test_dropout_is_for_training():
    pooled = np.ones((2, 30, 2, 2, 5), "float32")
    tower = RegionTower(6, dropout=0.5)
    np.testing.assert_array_equal(
        to_numpy(tower(pooled)), to_numpy(tower(pooled, training=False))
    )
    dropped = to_numpy(tower(pooled, training=True))
    assert np.ptp(dropped, axis=1).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RegionTower(0), "units"),
        (lambda: RegionTower(depth=0), "depth"),
        (lambda: RegionTower(dropout=1.0), "dropout"),
        (lambda: RegionTower(8)(FEATURES), r"\(B, R, h, w, D\)"),
        (lambda: RegionClassesHead(0), "num_classes"),
        (lambda: RegionBoxesHead(0), "num_classes"),
        (lambda: RegionBoxesHead(2)(FEATURES[0], REGIONS), r"\(B, R, D\)"),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
