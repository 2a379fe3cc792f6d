import math

import numpy as np
import pytest

from batteries.losses import check_loss
from mtvision.losses import Wing

TRUTH = np.array([[0.0, 4.0, -1.0], [2.0, 2.0, 2.0]], "float32")
FOUND = np.array([[1.0, 9.0, -1.5], [2.0, -9.0, 3.0]], "float32")


def test_properties_and_formula():
    width, curvature = 3.0, 0.5
    values = check_loss(
        Wing,
        {"width": width, "curvature": curvature, "name": "my_loss"},
        TRUTH,
        FOUND,
    )
    joint = width - width * math.log(1 + width / curvature)

    def wing(error):
        if error < width:
            return width * math.log(1 + error / curvature)
        return error - joint

    expected = np.vectorize(wing)(np.abs(FOUND - TRUTH)).mean(axis=1)
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_both_parts_meet():
    loss = Wing(width=2.0, curvature=0.1)
    below, above = (
        float(loss(np.zeros((1, 1)), np.full((1, 1), x)))
        for x in (2 - 1e-4, 2 + 1e-4)
    )
    assert above - below == pytest.approx(2e-4, abs=3e-4)


@pytest.mark.parametrize("option", ["width", "curvature"])
def test_wrong_options(option):
    with pytest.raises(ValueError, match=option):
        Wing(**{option: 0.0})
