"""Image files that a stranger made to hurt."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from mtvision.data import Batches, ClassFolders, read_image, read_mask
from mtvision.data.readers import images


def chunk(kind, body):
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def png(width, height, *chunks, mode=2):
    """A PNG that says it has a size, and has the chunks that it is given."""
    head = struct.pack(">IIBBBBB", width, height, 8, mode, 0, 0, 0)
    body = b"".join([chunk(b"IHDR", head), *chunks, chunk(b"IEND", b"")])
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(**tags):
    """A TIFF of 4 x 4 grey pixels, with other values of some tags."""
    known = {
        "width": 256,
        "height": 257,
        "bits": 258,
        "compression": 259,
        "kind": 262,
        "offset": 273,
        "samples": 277,
        "rows": 278,
        "bytes": 279,
    }
    values = {
        "width": 4,
        "height": 4,
        "bits": 8,
        "compression": 1,
        "kind": 1,
        "offset": 8,
        "samples": 1,
        "rows": 4,
        "bytes": 16,
    } | {key: value for key, value in tags.items() if key in known}
    entries = b"".join(
        struct.pack("<HHII", known[key], 4, 1, values[key]) for key in known
    )
    head = b"II*\0" + struct.pack("<I", 24) + bytes(16)
    following = struct.pack("<I", tags.get("following", 0))
    return head + struct.pack("<H", len(known)) + entries + following


def saved(image, kind, **options):
    memory = io.BytesIO()
    image.save(memory, kind, **options)
    return memory.getvalue()


EMPTY = zlib.compress(b"")
REFUSED = {
    "bomb": png(60_000, 60_000, chunk(b"IDAT", EMPTY)),
    "bomb of a warning's size": png(10_000, 10_000, chunk(b"IDAT", EMPTY)),
    "PNG without pixels": png(4, 4),
    "PNG of no size": png(0, 4, chunk(b"IDAT", EMPTY)),
    "PNG of wrong chunks": png(4, 4, chunk(b"IDAT", b"x" * 99)),
    "PNG of fewer pixels": png(400, 400, chunk(b"IDAT", EMPTY)),
    "TIFF of a bomb's size": tiff(width=2**20, height=2**20),
    "TIFF that lies of its size": tiff(width=9000, height=9000),
    "TIFF that lies of its place": tiff(offset=2**31),
    "TIFF of strange bits": tiff(bits=77),
    "TIFF of strange compression": tiff(compression=12345),
    "GIF of a bomb's size": b"GIF89a" + b"\xff" * 4 + bytes(90),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>',
    "PostScript": saved(Image.new("RGB", (4, 4)), "EPS"),
    "cut": saved(Image.new("RGB", (400, 400)), "JPEG")[:900],
    "nothing": b"",
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_hostile_images_are_refused(tmp_path, kind):
    path = tmp_path / "a.png"
    path.write_bytes(REFUSED[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"a\.png: cannot be read"):
            read_image(path)
        with pytest.raises(ValueError, match=r"a\.png: cannot be read"):
            read_mask(path)


def test_the_bound_is_pillows_and_each_thread_keeps_it(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.new("L", (40, 30)).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1199)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for read in (read_image, read_mask, images.read_header):
            with pytest.raises(ValueError, match="40 x 30 pixels.*1199"):
                read(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1200)
    assert read_image(path).shape == (30, 40, 3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert read_image(path).shape == (30, 40, 3)


def test_a_tiff_whose_directory_names_itself_ends(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(following=24))
    assert read_image(path).shape == (4, 4, 3)


def test_a_text_that_unfolds_in_a_png_is_not_kept(tmp_path):
    path = tmp_path / "a.png"
    text = b"key\0\0" + zlib.compress(bytes(10**8))
    rows = zlib.compress(bytes(4 * 13))
    content = png(4, 4, chunk(b"zTXt", text), chunk(b"IDAT", rows))
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.png"):
        read_image(path)


def test_postscript_runs_no_other_program(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("Ghostscript was called")

    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", refuse)
    path = tmp_path / "a.jpg"
    path.write_bytes(REFUSED["PostScript"])
    with pytest.raises(ValueError, match="cannot identify"):
        read_image(path)


@pytest.mark.parametrize("size", [(100_000, 1), (1, 100_000), (1, 1)])
def test_very_wide_and_very_small_images_become_batches(tmp_path, size):
    (tmp_path / "images").mkdir()
    Image.new("RGB", size, "red").save(tmp_path / "images/a.png")
    source = ClassFolders(tmp_path)
    batches = Batches(source, {"a": "label"}, batch_size=1, image_size=16)
    pixels = batches[0][0]
    assert pixels.shape == (1, 16, 16, 3)
    assert np.isfinite(pixels).all()
    assert (pixels[..., 0] == 255).any()


def test_sixteen_bits_round_as_fractions_do(tmp_path):
    values = np.arange(65536, dtype="uint16").reshape(256, 256)
    path = tmp_path / "a.png"
    Image.fromarray(values).save(path)
    expected = np.rint(values.astype("float64") * 255 / 65535)
    np.testing.assert_array_equal(read_image(path)[..., 0], expected)


def test_of_an_animation_the_first_picture_is_read(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    for suffix in ("gif", "png", "webp"):
        path = tmp_path / f"a.{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        pixel = read_image(path)[0, 0]
        np.testing.assert_allclose(pixel, [255, 0, 0], atol=8)
