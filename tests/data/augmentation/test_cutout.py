import numpy as np

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.cutout import Cutout


def test_hides_one_square_and_no_label(make_sample):
    sample = make_sample(0, shape=(20, 30))
    sample["image"] = np.full((20, 30, 3), 9, "uint8")
    generator = np.random.default_rng(0)
    sides = []
    for _ in range(100):
        changed = Augment([Cutout(size=0.5, fill=(1, 2, 3))])(sample, generator)
        hidden = (changed["image"] == [1, 2, 3]).all(axis=-1)
        assert (changed["image"][~hidden] == 9).all()
        rows, columns = np.nonzero(hidden)
        sides.append([np.ptp(rows) + 1, np.ptp(columns) + 1])
        assert hidden.sum() == np.prod(sides[-1])
        for name in set(sample) - {"image", "right_image"}:
            np.testing.assert_array_equal(changed[name], sample[name])
    # Whole squares of half the height, and such that the edge cuts.
    assert np.max(sides) == 10
    assert np.min(sides) < 10
