import colorsys

import numpy as np
import pytest

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.random_hsv import RandomHSV


class Fixed:
    """A generator whose draws are known."""

    def __init__(self, *numbers):
        self.numbers = np.array(numbers)

    def uniform(self, low, high):
        assert (np.abs(self.numbers) <= high).all()
        np.testing.assert_array_equal(low, -high)
        return self.numbers


@pytest.mark.parametrize(
    "draws",
    [(0, 0, 0), (0.25, 0, 0), (-0.4, 0, 0), (0, 0.6, 0), (0, -0.7, 0),
     (0, 0, 0.8), (0, 0, -0.9), (0.1, -0.5, 0.3)],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["uint8", "float32"])
def test_is_what_colorsys_says(draws, kind):
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype(kind)
    step = RandomHSV(hue=0.5, saturation=1.0, value=1.0)
    changed = step.draw_change(Fixed(*draws))(image)
    assert changed.dtype == kind
    tolerance = 0.5001 if kind == "uint8" else 0.001
    for before, after in zip(image.reshape(-1, 3), changed.reshape(-1, 3)):
        hue, saturation, value = colorsys.rgb_to_hsv(*before / 255.0)
        expected = colorsys.hsv_to_rgb(
            (hue + draws[0]) % 1,
            min(1, saturation * (1 + draws[1])),
            min(1, value * (1 + draws[2])),
        )
        np.testing.assert_allclose(
            after, np.multiply(expected, 255), atol=tolerance
        )


def test_black_stays_black_and_grey_grey():
    generator = np.random.default_rng(0)
    image = np.zeros((2, 4, 3), "uint8")
    image[1] = 90
    changed = Augment([RandomHSV()])({"image": image}, generator)["image"]
    assert (changed[0] == 0).all()
    assert (changed[1] == changed[1, 0, 0]).all()


def test_grey_images_are_refused():
    sample = {"image": np.zeros((4, 4, 1), "uint8")}
    with pytest.raises(ValueError, match=r"RandomHSV.*\(4, 4, 1\)"):
        Augment([RandomHSV()])(sample, np.random.default_rng(0))
