import numpy as np
import pytest

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.mix_up import MixUp


def plain(value, shape, **labels):
    height, width = shape
    return {
        "image": np.full((height, width, 3), value, "uint8"),
        "boxes": np.array([[0, 0, width, height]], "float32"),
        "classes": np.array([value]),
        "masks": np.ones((1, height, width), "uint8"),
    } | labels


def mix(first, second, seed=0, **options):
    generator = np.random.default_rng(seed)
    return Augment([MixUp(**options)])(first, generator, draw=lambda _: second)


def test_objects_of_both_stand_on_the_larger_canvas():
    mixed = mix(plain(100, (10, 30)), plain(200, (20, 15)))
    assert mixed["image"].shape == (20, 30, 3)
    assert mixed["classes"].tolist() == [100, 200]
    assert mixed["boxes"].tolist() == [[0, 0, 30, 10], [0, 0, 15, 20]]
    assert mixed["masks"].sum(axis=(1, 2)).tolist() == [300, 300]
    shown = mixed["image"][..., 0].astype("float64")
    share = shown[0, 29] / 100
    assert 0 < share < 1
    np.testing.assert_allclose(shown[19, 0], 200 * (1 - share), atol=1)
    np.testing.assert_allclose(
        shown[0, 0], 100 * share + 200 * (1 - share), atol=1
    )
    assert shown[19, 29] == 0


def test_shares_are_drawn_from_a_beta_distribution():
    white = {"image": np.ones((1, 1, 1), "float32")}
    black = {"image": np.zeros((1, 1, 1), "float32")}
    shares = [
        mix(white, black, seed, alpha=2.0)["image"].item()
        for seed in range(800)
    ]
    # Beta(2, 2) has mean 1/2 and variance 1/20.
    np.testing.assert_allclose(np.mean(shares), 0.5, atol=0.04)
    np.testing.assert_allclose(np.var(shares), 0.05, atol=0.008)


@pytest.mark.parametrize("name", ["semantic", "depth", "label", "caption"])
def test_what_cannot_be_mixed_is_refused(name):
    value = {"label": np.array(1), "caption": "a"}.get(name, np.zeros((4, 4)))
    first = plain(1, (4, 4))
    with pytest.raises(ValueError, match=f"MixUp cannot join .*'{name}'"):
        mix(first, first | {name: value})
    assert mix(first, first | {name: None})[name] is None
