import numpy as np
import pytest

from mtvision.data import read_voc

OBJECT = (
    "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin>"
    "<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
)


def write(path, *objects, head=""):
    body = "".join(OBJECT.format(*item) for item in objects)
    path.write_text(f"{head}<annotation>{body}</annotation>")
    return path


def test_voc_counts_from_one_and_includes_the_last_pixel(tmp_path):
    path = write(tmp_path / "a.xml", ("cat", 1, 1, 20, 10))
    voc = read_voc(path)
    np.testing.assert_array_equal(voc["boxes"], [[0, 0, 20, 10]])
    assert voc["names"] == ["cat"]
    assert voc["size"] is None
    np.testing.assert_array_equal(
        read_voc(path, origin=0)["boxes"], [[1, 1, 20, 10]]
    )


def test_what_the_file_says_is_kept(tmp_path):
    path = write(tmp_path / "a.xml", ("cat", 3, 4, 3, 4), ("dog", 1, 1, 2, 2))
    text = path.read_text()
    path.write_text(
        text.replace("<name>dog", "<difficult>1</difficult><name>dog")
    )
    voc = read_voc(path)
    assert voc["written"].tolist() == [[3, 4, 3, 4], [1, 1, 2, 2]]
    assert voc["difficult"].tolist() == [0, 1]


def test_no_object_gives_no_box(tmp_path):
    voc = read_voc(write(tmp_path / "a.xml"))
    assert voc["boxes"].shape == (0, 4)
    assert voc["names"] == []


def test_size_is_height_and_width(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation><size><width>8</width><height>6</height></size>"
        "</annotation>"
    )
    assert read_voc(path)["size"] == (6, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation><object>", "XML"),
        ("", "XML"),
        ("<a><object><name>x</name></object></a>", "bndbox"),
        (OBJECT.format("cat", "one", 1, 2, 2), "one"),
        (OBJECT.format("", 1, 1, 2, 2), "name"),
        (
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            "entities",
        ),
    ],
)
def test_malformed_files_are_named(tmp_path, text, message):
    path = tmp_path / "bad.xml"
    path.write_text(text if "<a" in text or not text else f"<a>{text}</a>")
    with pytest.raises(ValueError, match=message) as caught:
        read_voc(path)
    assert "bad.xml" in str(caught.value)


def test_entities_are_refused_in_any_encoding(tmp_path):
    path = tmp_path / "bad.xml"
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x'
    path.write_bytes((text + ' "y">]><a/>').encode("utf-16"))
    with pytest.raises(ValueError, match="entities"):
        read_voc(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"no\.xml"):
        read_voc(tmp_path / "no.xml")


def test_what_tools_write_otherwise_is_told(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation><size><width>30.0</width><height>20</height></size>"
        "<object><name>cat</name><difficult>Unspecified</difficult><bndbox>"
        "<xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>"
        "</object></annotation>"
    )
    voc = read_voc(path)
    assert voc["size"] == (20, 30)
    assert voc["difficult"].tolist() == [0]
    assert voc["oddities"] == [
        "<difficult> is 'Unspecified', read as 0",
        "<width> is '30.0'",
    ]
    path.write_text("<annotation><size><width/></size></annotation>")
    assert read_voc(path)["size"] is None


def test_the_tag_of_a_number_is_named(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation><object><name>cat</name><bndbox><xmin>one</xmin>"
        "</bndbox></object></annotation>"
    )
    with pytest.raises(ValueError, match=r"a\.xml: <xmin> .*'one'"):
        read_voc(path)
