import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.necks import SSDPyramid


def features(*sizes, channels=3):
    random = np.random.default_rng(0)
    return {
        f"P{3 + k}": random.normal(size=(2, *size, channels)).astype("float32")
        for k, size in enumerate(sizes)
    }


def test_is_a_proper_layer():
    arguments = {
        "levels": ("P3", "P4", "P5"),
        "filters": (4, 6),
        "strides": (2, 1),
        "context": 5,
        "scale": 2.0,
    }
    inputs = features((20, 24), (10, 12), (5, 6))
    outputs = check_layer(SSDPyramid, arguments, inputs)
    assert {k: x.shape[1:] for k, x in outputs.items()} == {
        "P3": (20, 24, 3),
        "P4": (10, 12, 3),
        "P5": (5, 6, 5),
        "P6": (3, 3, 4),
        "P7": (1, 1, 6),
    }
    np.testing.assert_allclose(
        np.linalg.norm(outputs["P3"], axis=-1), 2.0, rtol=1e-4
    )
    np.testing.assert_array_equal(outputs["P4"], inputs["P4"])


def test_sizes_of_the_paper_at_300_pixels():
    shapes = {"P3": (None, 38, 38, 8), "P4": (None, 19, 19, 8)}
    pyramid = SSDPyramid(filters=(8, 4, 4, 4), strides=(2, 2, 1, 1))
    shapes = pyramid.compute_output_shape(shapes)
    assert [s[1] for s in shapes.values()] == [38, 19, 10, 5, 3, 1]


def test_without_more_it_passes_levels_on():
    inputs = features((4, 4), (2, 2))
    pyramid = SSDPyramid(levels=None, filters=(), context=0, scale=0)
    outputs = to_numpy(pyramid(inputs))
    assert list(outputs) == ["P3", "P4"]
    assert all((outputs[k] == inputs[k]).all() for k in inputs)


@pytest.mark.parametrize(("channels", "length"), [(512, 20), (8, 2.5)])
def test_the_length_fits_the_channels(channels, length):
    """As the paper's for its 512, and as large a number for fewer."""
    inputs = features((4, 4), (2, 2), channels=channels)
    finest = to_numpy(SSDPyramid(filters=(), context=0)(inputs))["P3"]
    np.testing.assert_allclose(
        np.linalg.norm(finest, axis=-1), length, rtol=1e-4
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": (4, 6), "strides": (2,)}, "strides"),
        ({"filters": (4,), "strides": (3,)}, "strides"),
        ({"filters": (1,)}, "filters"),
        ({"levels": ()}, "levels"),
        ({"scale": -1}, "scale"),
        ({"levels": ("P3", "P5")}, "P5"),
    ],
)
def test_what_cannot_be_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        SSDPyramid(**options)(features((4, 4), (2, 2)))
    with pytest.raises(ValueError, match="dict"):
        SSDPyramid()(features((4, 4))["P3"])
