import keras
import numpy as np
import pytest

from mtvision.trunks import Darknet19, Darknet24


def convolutions(trunk):
    layers = [x for x in trunk.layers if isinstance(x, keras.layers.Conv2D)]
    return [(x.filters, *x.kernel_size, *x.strides) for x in layers]


def shapes(trunk):
    return {level: tuple(x.shape[1:3]) for level, x in trunk.output.items()}


def test_24_convolutions_of_the_paper():
    trunk = Darknet24(image_shape=(448, 448, 3), width=1 / 64)
    found = convolutions(trunk)
    assert len(found) == 24
    assert found[0] == (1, 7, 7, 2, 2)
    assert [x[0] for x in found[-4:]] == [16] * 4
    assert [x[3] for x in found] == [2] + [1] * 20 + [2, 1, 1]
    assert shapes(trunk) == {
        "P2": (112, 112),
        "P3": (56, 56),
        "P4": (28, 28),
        "P5": (14, 14),
        "P6": (7, 7),
    }


def test_numbers_of_weights_are_the_papers():
    """Counted from the papers' tables."""
    plain = Darknet24(normalization=False, image_shape=(64, 64, 3), width=0.25)
    # (kernel side, filters in, filters out) at a quarter of the width.
    rows = [(7, 3, 16), (3, 16, 48), (1, 48, 32), (3, 32, 64), (1, 64, 64)]
    rows += [(3, 64, 128)] + [(1, 128, 64), (3, 64, 128)] * 4
    rows += [(1, 128, 128), (3, 128, 256)]
    rows += [(1, 256, 128), (3, 128, 256)] * 2 + [(3, 256, 256)] * 4
    expected = sum(k * k * a * b + b for k, a, b in rows)
    assert plain.count_params() == expected


def test_18_convolutions_of_darknet_19():
    trunk = Darknet19(width=1 / 32)
    found = convolutions(trunk)
    assert [x[0] for x in found] == [
        *(1, 2, 4, 2, 4, 8, 4, 8, 16, 8, 16, 8, 16),
        *(32, 16, 32, 16, 32),
    ]
    assert {x[3] for x in found} == {1}
    trunk = Darknet19(width=1 / 32, image_shape=(70, 96, 3))
    assert shapes(trunk) == {
        "P2": (18, 24),
        "P3": (9, 12),
        "P4": (5, 6),
        "P5": (3, 3),
    }


@pytest.mark.parametrize("make", [Darknet19, Darknet24])
def test_any_size_and_files(make, tmp_path):
    trunk = make(width=1 / 64)
    image = np.random.default_rng(0).uniform(0, 255, (1, 70, 33, 3))
    maps = trunk(image)
    path = tmp_path / "a.weights.h5"
    trunk.save_weights(path)
    twin = make(width=1 / 64, weights=path)(image)
    for level, x in maps.items():
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(x),
            keras.ops.convert_to_numpy(twin[level]),
        )
    with pytest.raises(ValueError, match="width"):
        make(width=0)
