import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import WindowNet


def test_a_window_in_an_image_is_a_window_alone():
    trunk = WindowNet((3, 4, 5))
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (1, 48, 44, 3)).astype("float32")
    whole = to_numpy(trunk(image)["P2"])
    for row in range(5):
        for column in range(4):
            y, x = 4 * row, 4 * column
            alone = trunk(image[:, y : y + 32, x : x + 32])["P2"]
            np.testing.assert_allclose(
                whole[:, row : row + 4, column : column + 4],
                to_numpy(alone),
                atol=1e-5,
            )


def test_wrong_filters_are_an_error():
    with pytest.raises(ValueError, match="three filters"):
        WindowNet((4, 4))
