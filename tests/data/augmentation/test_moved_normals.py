import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data import Augment, Mosaic, resize_sample
from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.moved_normals import turn_normals
from mtvision.data.augmentation.warp_sample import warp_sample

RNG = np.random.default_rng(0)


def random_normals(shape=(9, 12)):
    normals = RNG.normal(size=(*shape, 3)).astype("float32")
    return normals / np.linalg.norm(normals, axis=-1, keepdims=True)


NORMALS = random_normals()


def moved(matrix, size=(9, 12)):
    sample = {"image": np.zeros((9, 12, 3), "uint8"), "normals": NORMALS}
    return warp_sample(sample, matrix, size)["normals"]


def test_mirrors_change_signs():
    across = matrices.mirror((9, 12), horizontal=True, vertical=False)
    np.testing.assert_array_equal(moved(across), NORMALS[:, ::-1] * [-1, 1, 1])
    down = matrices.mirror((9, 12), horizontal=False, vertical=True)
    np.testing.assert_array_equal(moved(down), NORMALS[::-1] * [1, -1, 1])


@given(st.floats(-180, 180))
def test_they_turn_as_arrows_on_the_image_do(degrees):
    """x and y of a normal are where an arrow drawn along them points."""
    matrix = matrices.rotate(degrees)
    normal = np.array([0.6, 0.48, 0.64])
    start, end = matrices.move_points([[3.0, 4.0], [3.6, 4.48]], matrix)
    turned = turn_normals(normal, matrix)
    np.testing.assert_allclose(turned, [*(end - start), 0.64], atol=1e-9)


@given(st.floats(-180, 180), st.floats(0.2, 5), st.floats(0.2, 5))
def test_scales_do_not_tilt(degrees, across, down):
    turn, scale = matrices.rotate(degrees), matrices.scale(across, down)
    expected = turn_normals(NORMALS, turn)
    for matrix in (turn @ scale, scale @ turn):
        found = turn_normals(NORMALS, matrix)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(turn_normals(NORMALS, scale), NORMALS)


@given(st.floats(-180, 180), st.floats(0.5, 2))
def test_they_keep_their_length_or_are_missing(degrees, factor):
    matrix = matrices.about_centre(matrices.rotate(degrees), (9, 12))
    found = moved(matrices.scale(factor, factor) @ matrix)
    length = np.linalg.norm(found, axis=-1)
    missing = np.isnan(length)
    np.testing.assert_allclose(length[~missing], 1, rtol=1e-5)
    assert np.isnan(found[missing]).all()


def test_resizing_takes_the_nearest():
    sample = {"image": np.zeros((9, 12, 3), "uint8"), "normals": NORMALS}
    small = resize_sample(sample, (3, 4))["normals"]
    np.testing.assert_array_equal(small, NORMALS[1::3, 1::3])
    padded = resize_sample(sample, (12, 12), method="letterbox")["normals"]
    np.testing.assert_array_equal(padded[1:10], NORMALS)
    assert np.isnan(padded[[0, -1]]).all()


def test_mosaics_join_them():
    sample = {
        "image": np.zeros((8, 8, 3), "uint8"),
        "normals": np.zeros((8, 8, 3)),
    }
    sample["normals"][..., 2] = 1.0
    joined = Augment([Mosaic()])(
        sample, np.random.default_rng(0), draw=lambda _: sample
    )["normals"]
    assert joined.shape == (8, 8, 3)
    known = ~np.isnan(joined).any(axis=-1)
    assert known.any()
    assert (joined[known] == [0, 0, 1]).all()
