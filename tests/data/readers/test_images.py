import numpy as np
import pytest
from PIL import Image

from mtvision.data import read_image, read_mask
from mtvision.data.readers import images

COLOUR = (200, 100, 50)


@pytest.fixture
def picture():
    pixels = np.zeros((6, 8, 3), "uint8")
    pixels[...] = COLOUR
    return Image.fromarray(pixels)


def save(image, path, **options):
    image.save(path, **options)
    return path


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "bmp", "gif", "tif", "webp", "ppm"]
)
def test_formats_are_read_as_rgb(tmp_path, picture, suffix):
    image = read_image(save(picture, tmp_path / f"a.{suffix}"))
    assert image.shape == (6, 8, 3)
    assert image.dtype == np.uint8
    np.testing.assert_allclose(image[3, 4], COLOUR, atol=6)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "BMP"])
def test_the_content_counts_not_the_name(tmp_path, picture, kind):
    path = save(picture, tmp_path / "a.jpg", format=kind)
    np.testing.assert_allclose(read_image(path)[0, 0], COLOUR, atol=6)
    assert images.read_header(path)["fault"].startswith(kind)


def test_a_true_name_has_no_fault(tmp_path, picture):
    header = images.read_header(save(picture, tmp_path / "a.JPEG"))
    assert header == {"shape": (6, 8), "fault": None, "turned": False}


def test_modes_are_converted(tmp_path, picture):
    for mode in ("L", "P", "CMYK", "YCbCr", "1"):
        suffix = "tif" if mode in ("CMYK", "YCbCr") else "png"
        converted = picture.convert(mode)
        image = read_image(save(converted, tmp_path / f"a.{suffix}"))
        expected = np.asarray(converted.convert("RGB"))
        np.testing.assert_array_equal(image, expected)


def test_what_is_transparent_is_white(tmp_path, picture):
    picture.putalpha(0)
    image = read_image(save(picture, tmp_path / "a.png"))
    np.testing.assert_array_equal(image, np.full((6, 8, 3), 255))
    half = Image.new("LA", (2, 2), (0, 128))
    image = read_image(save(half, tmp_path / "b.png"))
    np.testing.assert_allclose(image, 127, atol=1)


def test_sixteen_bits_become_eight(tmp_path):
    values = np.array([[0, 257, 65535], [128 * 257, 100, 300]], "uint16")
    path = save(Image.fromarray(values), tmp_path / "a.png")
    expected = [[0, 1, 255], [128, 0, 1]]
    np.testing.assert_array_equal(read_image(path)[..., 1], expected)
    np.testing.assert_array_equal(read_mask(path), values)


def test_camera_orientation_is_told_not_applied(tmp_path, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(picture, tmp_path / "a.jpg", exif=exif)
    assert read_image(path).shape == (6, 8, 3)
    assert images.read_header(path)["turned"]


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif"])
def test_damaged_files_are_named(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), "uint8")
    path = save(Image.fromarray(noise), tmp_path / f"broken.{suffix}")
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"no image at all"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"broken.{suffix}"):
            read_image(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        read_image(tmp_path / "a.png")
    with pytest.raises(ValueError, match="no such file"):
        read_image(tmp_path)


def test_a_picture_that_unfolds_to_gigabytes_is_refused(tmp_path):
    path = save(Image.new("1", (20000, 20000)), tmp_path / "bomb.png")
    with pytest.raises(ValueError, match="bomb"):
        read_image(path)


def test_floats_are_no_colours(tmp_path):
    values = Image.fromarray(np.ones((4, 4), "float32"))
    with pytest.raises(ValueError, match="floats"):
        read_image(save(values, tmp_path / "a.tif"))


def test_masks_keep_palette_indices_and_grey_values(tmp_path):
    numbers = np.array([[0, 1, 2], [3, 254, 255]], "uint8")
    palette = Image.fromarray(numbers).convert("P")
    palette.putpalette(list(range(255, -1, -1)) * 3)
    palette.putdata(numbers.ravel())
    for name, image in [("p", palette), ("l", Image.fromarray(numbers))]:
        mask = read_mask(save(image, tmp_path / f"{name}.png"))
        np.testing.assert_array_equal(mask, numbers)
        assert mask.dtype == np.int32


def test_colours_and_lossy_files_are_no_masks(tmp_path, picture):
    with pytest.raises(ValueError, match="one channel"):
        read_mask(save(picture, tmp_path / "a.png"))
    with pytest.raises(ValueError, match="JPEG"):
        read_mask(save(picture.convert("L"), tmp_path / "a.jpg"))
    grey = picture.convert("L").convert("RGB")
    for name, options in (
        ("a.webp", {"lossless": True}),
        ("a.tif", {"compression": "jpeg"}),
        ("a.jp2", {}),
    ):
        path = tmp_path / name
        grey.save(path, **options)
        with pytest.raises(ValueError, match="need not keep class numbers"):
            read_mask(path)
    mask = read_mask(save(grey, tmp_path / "b.png"))
    np.testing.assert_array_equal(mask, np.asarray(grey)[..., 0])


def test_numbers_beyond_sixteen_bits_are_refused(tmp_path):
    image = Image.fromarray(np.array([[0, 70000]], "int32"))
    path = save(image, tmp_path / "a.tif")
    with pytest.raises(ValueError, match="70000"):
        read_mask(path)
    with pytest.raises(ValueError, match="70000"):
        read_image(path)
