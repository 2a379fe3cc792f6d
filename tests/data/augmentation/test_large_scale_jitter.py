import numpy as np

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.large_scale_jitter import LargeScaleJitter


def draw(step, shape, size, number=400):
    generator = np.random.default_rng(0)
    for _ in range(number):
        yield step.draw_matrix(shape, generator, size=size)


def test_sizes_are_relative_to_the_result():
    factors = []
    for matrix, shape in draw(LargeScaleJitter(), (300, 400), (128, 128)):
        assert shape == (128, 128)
        # 0.32 of the width fills the result.
        factors.append(matrix[0, 0] / 0.32)
        assert abs(matrix[0, 0] / matrix[1, 1] - 1) < 0.1
    np.testing.assert_allclose(
        [min(factors), max(factors)], [0.1, 2.0], atol=0.03
    )


def test_small_pictures_are_padded_and_large_ones_fill_the_result():
    for matrix, (height, width) in draw(LargeScaleJitter(), (50, 50), (40, 40)):
        x, y = matrix[:2, 2]
        end = matrix[:2] @ [50, 50, 1]
        right, bottom = np.round(end)
        np.testing.assert_allclose(end, [right, bottom], atol=1e-9)
        if right - x <= width:
            assert (x, y) == (0, 0)
        else:
            assert x <= 0
            assert right >= width
            assert y <= 0
            assert bottom >= height


def test_without_a_result_size_relative_to_the_picture(make_sample):
    sample = make_sample(0)
    augment = Augment([LargeScaleJitter(low=1.0, high=1.0)])
    same = augment(sample, np.random.default_rng(0))
    np.testing.assert_array_equal(same["image"], sample["image"])
