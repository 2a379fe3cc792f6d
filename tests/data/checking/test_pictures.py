import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays
from PIL import Image

from mtvision.data.checking import kinds, pictures
from mtvision.data.checking.check import check

PIXELS = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype("uint8")


def kinds_of(path):
    return [found.kind for found in pictures.check_file(path)]


@pytest.mark.parametrize(
    ("mode", "name", "expected"),
    [
        ("RGB", "x.png", []),
        ("RGB", "x.jpg", []),
        ("L", "x.jpg", [kinds.GREY]),
        ("1", "x.png", [kinds.GREY]),
        ("LA", "x.png", [kinds.GREY, kinds.TRANSPARENT]),
        ("RGBA", "x.png", [kinds.TRANSPARENT]),
        ("P", "x.gif", [kinds.PALETTE]),
        ("CMYK", "x.jpg", [kinds.CMYK]),
        ("I;16", "x.png", [kinds.GREY, kinds.DEEP]),
    ],
)
def test_modes_of_files(tmp_path, mode, name, expected):
    grey = Image.fromarray(PIXELS[..., 0].astype("uint16"))
    image = grey if mode == "I;16" else Image.fromarray(PIXELS).convert(mode)
    image.save(tmp_path / name)
    assert kinds_of(tmp_path / name) == expected


def test_a_palette_with_a_transparent_entry(tmp_path):
    image = Image.fromarray(PIXELS).convert("P")
    image.save(tmp_path / "x.png", transparency=0)
    found = kinds_of(tmp_path / "x.png")
    assert found == [kinds.PALETTE, kinds.TRANSPARENT]


def test_a_gif_named_jpg(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "x.jpg", format="GIF")
    found = pictures.check_file(tmp_path / "x.jpg")
    assert found[0].kind == kinds.NAMED_OTHERWISE
    assert found[0].detail == "GIF (P) named .jpg"


def test_turned_by_the_camera(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(tmp_path / "x.jpg", exif=exif)
    assert kinds_of(tmp_path / "x.jpg") == [kinds.TURNED]


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"nothing")
    assert kinds_of(tmp_path / "x.jpg") == [kinds.UNREADABLE]
    assert kinds_of(tmp_path / "y.jpg") == [kinds.UNREADABLE]


def test_files_are_looked_at_where_the_source_names_them(tmp_path):
    Image.fromarray(PIXELS).convert("L").save(tmp_path / "x.jpg")

    class Source(list):
        files = ("x.jpg",)

        def path(self, index):
            return tmp_path / self.files[index]

    report = check(Source([{"image": PIXELS}]), verbose=0)
    (place,) = report.findings[kinds.GREY]
    assert place == ("all", 0, "x.jpg", "image", "mode L")


@given(arrays.arrays("uint8", (3, 4, 3), fill=None))
def test_one_colour(image):
    distinct = np.unique(image.reshape(-1, 3), axis=0)
    assert pictures.is_of_one_colour(image) == (len(distinct) == 1)
    image[-1, -1, -1] += 1
    image[:-1] = image[-1] = image[-1, -1]
    assert pictures.is_of_one_colour(image)


def test_near_hashes_survive_compression_and_resizing(tmp_path):
    smooth = Image.fromarray(PIXELS).resize(
        (200, 160), Image.Resampling.BICUBIC
    )
    smooth.save(tmp_path / "x.jpg", quality=50)
    again = Image.open(tmp_path / "x.jpg").resize((100, 90))
    other = np.asarray(smooth)[:, ::-1]
    first, second, third = (
        pictures.near_hash(np.asarray(image))
        for image in (smooth, again, other)
    )
    assert (first ^ second).bit_count() <= 4
    assert (first ^ third).bit_count() > 16
