import numpy as np

from mtvision.data.augmentation.random_translation import RandomTranslation


def test_shifts_by_whole_pixels_within_the_share():
    generator = np.random.default_rng(0)
    step = RandomTranslation(0.1)
    shifts = np.array(
        [
            step.draw_matrix((50, 200), generator, size=None)[0][:2, 2]
            for _ in range(500)
        ]
    )
    np.testing.assert_array_equal(shifts, shifts.round())
    assert shifts.min(axis=0).tolist() == [-20, -5]
    assert shifts.max(axis=0).tolist() == [20, 5]
