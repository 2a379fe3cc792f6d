import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.background_entropy import background_entropy

LOGITS = np.random.default_rng(0).normal(size=(2, 4, 4)).astype("float32") * 3
LABELS = np.array([[0, 1, 2, 3], [3, 3, 0, 2]])
KNOWN = np.array([[True, True, True], [False, True, False]])
CHANCE = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)


def test_a_softmax_of_all_classes():
    own = np.take_along_axis(CHANCE, LABELS[..., None], -1)[..., 0]
    values = to_numpy(background_entropy(LABELS, LOGITS))
    np.testing.assert_allclose(values, -np.log(own), rtol=1e-5)


def test_the_background_may_be_what_is_not_annotated():
    values = to_numpy(background_entropy(LABELS, LOGITS, KNOWN))
    expected = to_numpy(background_entropy(LABELS, LOGITS)).copy()
    expected[1, :2] = -np.log(CHANCE[1, :2][:, [0, 2, 3]].sum(-1))
    np.testing.assert_allclose(values, expected, rtol=1e-5)


@pytest.mark.parametrize("known", [None, KNOWN])
def test_the_background_may_come_first(known):
    values = background_entropy(
        (LABELS + 1) % 4, np.roll(LOGITS, 1, -1), known, background_first=True
    )
    expected = background_entropy(LABELS, LOGITS, known)
    np.testing.assert_allclose(to_numpy(values), to_numpy(expected), rtol=1e-5)
