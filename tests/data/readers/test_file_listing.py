import pytest

from mtvision.data.readers.file_listing import images_inside, maps_inside
from mtvision.data.readers.findings import Findings


def test_what_is_no_image_is_left_out_and_counted(tmp_path, draw, write):
    for name in ("a.jpg", "cats/b.PNG"):
        draw(name)
    for name in (
        "._a.jpg",
        ".thumbnails/a.jpg",
        ".DS_Store",
        "doc.pdf",
        "c",
        "phone.heic",
        "labels.csv",
        "a.xml",
    ):
        write(name, "")
    findings = Findings()
    assert images_inside(tmp_path, findings) == ["a.jpg", "cats/b.PNG"]
    assert findings == {
        "hidden image, left out": ["._a.jpg", ".thumbnails/a.jpg"],
        "no image by its name, left out": ["c", "doc.pdf", "phone.heic"],
    }


def test_maps_are_found_whatever_the_letters_of_their_suffix(tmp_path, write):
    for name in ("a.PNG", "sub/b.png", "c.png", "a.tif", "._a.png", "x.txt"):
        write(name, "")
    findings = Findings()
    found = maps_inside(tmp_path, ["a.jpg", "sub/b.jpg"], findings, "mask")
    assert found == {"a": tmp_path / "a.PNG", "sub/b": tmp_path / "sub/b.png"}
    assert findings == {
        "mask without an image, left out": ["c.png"],
        "no mask by its name, left out": ["a.tif"],
    }


def test_no_map_at_all_is_an_error(tmp_path, write):
    write("a_mask.png", "")
    with pytest.raises(ValueError, match=r"a\.png; found \['a_mask\.png'\]"):
        maps_inside(tmp_path, ["a.jpg"], Findings(), "mask")
