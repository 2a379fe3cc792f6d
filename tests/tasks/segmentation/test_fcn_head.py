import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.ops.resizing import resize_like
from mtvision.tasks import FCNHead


def maps(size=(3, 2)):
    """P3, P4 and P5 of an image of odd size."""
    random = np.random.default_rng(0)
    h, w = size
    return {
        f"P{5 - k}": random.normal(
            size=(2, h * 2**k - (k > 0), w * 2**k, 4 + k)
        ).astype("float32")
        for k in range(3)
    }


IMAGE = np.zeros((2, 90, 60, 3), "float32")


def test_layer():
    arguments = {
        "num_classes": 3,
        "levels": ("P4", "P5"),
        "upsampling": "bicubic",
    }
    outputs = check_layer(
        FCNHead, arguments, (maps(), IMAGE), without_gradient=(0, 3)
    )
    assert outputs.shape == (2, 90, 60, 3)
    assert outputs.dtype == np.float32


def test_scores_are_enlarged_and_added_level_by_level():
    head = FCNHead(2, upsampling="bilinear")
    features = maps()
    head(features, IMAGE)
    random = np.random.default_rng(1)
    scores = {}
    for level, layer in head.scores.items():
        kernel = random.normal(size=layer.kernel.shape)
        layer.set_weights([kernel, np.ones(2)])
        scores[level] = (features[level] @ kernel[0, 0] + 1).astype("float32")
    x = scores["P5"]
    for level in ("P4", "P3"):
        x = scores[level] + to_numpy(resize_like(x, scores[level]))
    expected = to_numpy(resize_like(x, IMAGE))
    found = to_numpy(head(features, IMAGE))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_transposed_convolutions_start_as_interpolation():
    """Away from the borders, where zeros are around the map."""
    features = {"P3": maps((6, 6))["P5"]}
    image = np.zeros((2, 48, 48, 3), "float32")
    learned = FCNHead(2, levels=("P3",))
    fixed = FCNHead(2, levels=("P3",), upsampling="bilinear")
    learned(features, image), fixed(features, image)
    fixed.scores["P3"].set_weights(learned.scores["P3"].get_weights())
    found, expected = (
        to_numpy(head(features, image))[:, 4:-4, 4:-4]
        for head in (learned, fixed)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_level_that_is_missing():
    with pytest.raises(ValueError, match="'P6'.*'P3', 'P4', 'P5'"):
        FCNHead(2, levels=("P5", "P6"))(maps(), IMAGE)


@pytest.mark.parametrize("levels", [(), "P5"])
def test_levels_that_are_no_names(levels):
    with pytest.raises(ValueError, match="levels"):
        FCNHead(2, levels=levels)


@pytest.mark.parametrize("way", ["max_unpool", "bed_of_nails", "magic"])
def test_ways_that_leave_gaps(way):
    with pytest.raises(ValueError, match=f"upsampling.*{way}"):
        FCNHead(2, upsampling=way)
