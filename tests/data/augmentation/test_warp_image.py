import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.warp_image import warp_image
from mtvision.data.resizing import resize_image

SIZES = st.tuples(st.integers(1, 30), st.integers(1, 30))


def picture(height, width, channels=3, kind="uint8"):
    generator = np.random.default_rng(height * 100 + width)
    image = generator.uniform(0, 255, (height, width, channels))
    return image.astype(kind)


def smooth(height, width):
    rough = Image.fromarray(picture(height, width))
    return np.asarray(rough.filter(ImageFilter.GaussianBlur(6)))


@given(SIZES, st.booleans(), st.booleans())
def test_mirrors_are_pillows(shape, horizontal, vertical):
    image = picture(*shape)
    matrix = matrices.mirror(shape, horizontal=horizontal, vertical=vertical)
    turned = warp_image(image, matrix, shape)
    expected = Image.fromarray(image)
    if horizontal:
        expected = expected.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if vertical:
        expected = expected.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    np.testing.assert_array_equal(turned, np.asarray(expected))
    np.testing.assert_array_equal(warp_image(turned, matrix, shape), image)


@given(
    SIZES, SIZES, st.sampled_from(["uint8", "float32"]), st.sampled_from([1, 3])
)
def test_stretching_is_the_resizing_without_augmentation(
    shape, size, kind, channels
):
    image = picture(*shape, channels, kind)
    matrix = matrices.fit(shape, size, "stretch")
    np.testing.assert_array_equal(
        warp_image(image, matrix, size), resize_image(image, size)
    )


@given(SIZES, SIZES, st.integers(-35, 35), st.integers(-35, 35))
def test_whole_pixels_are_copied(shape, size, x, y):
    image = picture(*shape)
    moved = warp_image(image, matrices.translate(x, y), size, fill=(1, 2, 3))
    for row in range(size[0]):
        for column in range(0, size[1], 3):
            old = row - y, column - x
            inside = 0 <= old[0] < shape[0] and 0 <= old[1] < shape[1]
            expected = image[old] if inside else [1, 2, 3]
            np.testing.assert_array_equal(moved[row, column], expected)


@pytest.mark.parametrize("factor", [0.2, 0.37, 0.6, 0.9, 1.0, 2.3])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_tiny_rotation_is_almost_a_resizing(factor, channels):
    """The two ways of sampling agree, however much the image shrinks."""
    image = smooth(120, 160)[..., :channels].astype("float32")
    size = round(120 * factor), round(160 * factor)
    matrix = matrices.fit(image.shape[:2], size, "stretch")
    turned = warp_image(image, matrices.rotate(0.001) @ matrix, size)
    error = np.abs(turned - resize_image(image, size))[1:-1, 1:-1]
    assert error.mean() < 1.5
    shifted = np.abs(turned[1:] - resize_image(image, size)[:-1])
    assert error.mean() < shifted.mean() / 3


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("kind", ["uint8", "float32"])
def test_quarter_turns_move_pixels_exactly(turns, mirrored, kind):
    image = picture(12, 12, kind=kind)
    matrix = matrices.about_centre(matrices.rotate(90 * turns), (12, 12))
    expected = np.rot90(image, -turns)
    if mirrored:
        mirror = matrices.mirror((12, 12), horizontal=True, vertical=False)
        matrix, expected = mirror @ matrix, expected[:, ::-1]
    turned = warp_image(image, matrix, (12, 12))
    np.testing.assert_array_equal(turned, expected)


def test_values_are_rounded_and_not_cut_off():
    image = picture(60, 80)
    for factor in (0.45, 1, 1.7):
        matrix = matrices.rotate(20) @ matrices.scale(factor, factor)
        turned = warp_image(image, matrix, (50, 50)).astype("float32")
        exact = warp_image(image.astype("float32"), matrix, (50, 50))
        assert np.abs(turned - exact).max() <= 0.5 + 1e-3
        assert abs((turned - exact).mean()) < 0.02


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("degrees", [0, 30])
def test_types_and_channels_stay(kind, channels, degrees):
    image = np.full((20, 30, channels), 7, kind)
    matrix = matrices.scale(0.5, 0.5) @ matrices.rotate(degrees)
    small = warp_image(image, matrix, (40, 40), fill=9)
    assert small.shape == (40, 40, channels)
    assert small.dtype == kind
    assert set(np.unique(small)) == {7, 9}


@given(
    st.floats(-180, 180),
    st.floats(0.1, 4),
    st.floats(-40, 40),
    st.floats(-40, 40),
)
def test_shows_fill_where_the_image_does_not_reach(degrees, factor, x, y):
    matrix = matrices.translate(x, y) @ matrices.scale(factor, factor)
    matrix = matrix @ matrices.rotate(degrees)
    moved = warp_image(np.full((20, 30, 3), 7, "uint8"), matrix, (25, 35))
    assert set(np.unique(moved)) <= {0, 7}
    rows, columns = np.indices((25, 35)) + 0.5
    centres = np.stack([columns, rows], axis=-1)
    old = matrices.move_points(centres, matrices.invert(matrix))
    # How far inside of the old image each new pixel lies, in its pixels.
    depth = np.minimum(old, [30, 20] - old).min(axis=-1)
    assert (moved[depth > 1e-3] == 7).all()
    assert (moved[depth < -1e-3] == 0).all()
