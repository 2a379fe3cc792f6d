import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import FCN


def tiny(stride, **options):
    """Levels of strides 4 to 32."""
    trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    return FCN(3, stride=stride, trunk=trunk, hidden=8, **options)


@pytest.mark.parametrize(
    ("stride", "levels"),
    [(32, ["P5"]), (16, ["P4", "P5"]), (8, ["P3", "P4", "P5"])],
)
def test_its_levels_and_name(stride, levels):
    model = tiny(stride)
    assert sorted(model.get_layer("semantic").levels) == levels
    assert model.name == f"fcn_{stride}s"


def test_finer_scores_start_from_zero():
    """At the start, FCN-8s says what FCN-32s does, where both interpolate."""
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3))
    coarse, fine = tiny(32, upsampling="nearest"), tiny(8, upsampling="nearest")
    for name in ("small_resnet", "whole_0_conv", "whole_1_conv"):
        fine.get_layer(name).set_weights(coarse.get_layer(name).get_weights())
    scores = coarse.get_layer("semantic").scores["P5"]
    fine.get_layer("semantic").scores["P5"].set_weights(scores.get_weights())
    found, expected = (to_numpy(m(image)["semantic"]) for m in (fine, coarse))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected) > 1e-3


def test_the_dense_layers_of_vgg():
    model = FCN(21, hidden=16)
    kernels = [model.get_layer(f"whole_{k}_conv").kernel for k in range(2)]
    assert [tuple(k.shape) for k in kernels] == [
        (7, 7, 512, 16),
        (1, 1, 16, 16),
    ]


@pytest.mark.parametrize("stride", [64, 12, 2])
def test_a_stride_that_the_trunk_lacks(stride):
    with pytest.raises(
        ValueError,
        match=rf"stride={stride}.*'P5': 32|'P5': 32.*stride={stride}",
    ):
        tiny(stride)
