import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import DilatedNet


def test_a_pixel_sees_its_patch_and_no_more():
    """Two to the power of the number of filters, less one."""
    trunk = DilatedNet((2, 2, 2, 4))
    random = np.random.default_rng(0)
    trunk.set_weights(
        [random.uniform(0.1, 1, w.shape) for w in trunk.get_weights()]
    )
    image = np.full((1, 19, 19, 3), 200.0, "float32")
    before = to_numpy(trunk(image)["P0"])
    assert before.shape == (1, 5, 5, 4)
    for row, seen in ((1, False), (2, True), (16, True), (17, False)):
        changed = image.copy()
        changed[0, row, 9] = 0
        found = to_numpy(trunk(changed)["P0"])
        assert (found[0, 2, 2] != before[0, 2, 2]).any() == seen, row


@pytest.mark.parametrize("filters", [(), (8,), 8])
def test_too_few_filters(filters):
    with pytest.raises(ValueError, match="two filters or more"):
        DilatedNet(filters)
