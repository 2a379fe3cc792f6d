import numpy as np
import pytest

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.random_crop import RandomCrop


def draw(step, shape, number=300):
    generator = np.random.default_rng(0)
    for _ in range(number):
        matrix, part = step.draw_matrix(shape, generator, size=None)
        np.testing.assert_array_equal(matrix[:2, :2], np.eye(2))
        yield -matrix[1, 2], -matrix[0, 2], *part


def test_parts_are_as_told_and_inside():
    step = RandomCrop(area=(0.2, 0.6), aspect=(0.5, 2.0))
    parts = np.array(list(draw(step, (300, 400))))
    top, left, height, width = parts.T
    assert (parts >= 0).all()
    assert (top + height).max() <= 300
    assert (left + width).max() <= 400
    areas, aspects = height * width / 120000, width / height
    np.testing.assert_allclose(
        [areas.min(), areas.max()], [0.2, 0.6], atol=0.02
    )
    np.testing.assert_allclose(
        [aspects.min(), aspects.max()], [0.5, 2.0], rtol=0.03
    )
    # Every place is met.
    assert top.min() < 10
    assert (top + height).max() > 290


@pytest.mark.parametrize("shape", [(10, 1000), (1000, 10), (1, 1), (1, 90)])
def test_thin_images_give_the_middle(shape):
    for top, left, height, width in draw(RandomCrop(area=(1, 1)), shape, 5):
        assert 1 <= height <= shape[0]
        assert 1 <= width <= shape[1]
        assert abs(top - (shape[0] - height) / 2) <= 0.5
        assert abs(left - (shape[1] - width) / 2) <= 0.5


def test_a_part_is_cut_out_exactly(make_sample):
    sample = make_sample(0, shape=(30, 40))
    changed = Augment([RandomCrop()])(sample, np.random.default_rng(4))
    height, width = changed["image"].shape[:2]
    assert (height, width) != (30, 40)
    windows = np.lib.stride_tricks.sliding_window_view(
        sample["image"], (height, width, 3)
    )
    found = (windows[:, :, 0] == changed["image"]).all(axis=(2, 3, 4))
    assert found.sum() == 1
