import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import WarpRegions

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 255, (2, 12, 16, 3)).astype("float32")
BOXES = np.array(
    [[[1, 1, 10, 6], [0, 0, 16, 12]], [[-3, 3, 8, 20], [5, 5, 5, 5]]],
    "float32",
)


def test_layer():
    arguments = {
        "output_size": (6, 8),
        "context": 1,
        "fill": (1.0, 2.0, 3.0),
        "sampling_ratio": 3,
    }
    pictures = check_layer(
        WarpRegions, arguments, (IMAGES, BOXES), without_gradient=(1,)
    )
    assert pictures.shape == (2, 2, 6, 8, 3)


def test_values_of_images_keep_their_precision():
    assert WarpRegions(8).compute_dtype == "float32"


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="output_size"):
        WarpRegions(0)
    with pytest.raises(ValueError, match="context"):
        WarpRegions(8, context=4)
    with pytest.raises(ValueError, match="fill"):
        WarpRegions(8, fill=(0.0, np.nan))
    with pytest.raises(ValueError, match="fills 3 channels"):
        WarpRegions(8)(IMAGES[..., :2], BOXES)
    with pytest.raises(ValueError, match="boxes"):
        WarpRegions(8)(IMAGES, BOXES[..., :3])
