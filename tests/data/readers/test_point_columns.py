import numpy as np
import pytest

from mtvision.data.readers.point_columns import read_points

PLAIN = "file,nose_x,nose_y,age,left_ear_x,left_ear_y\n"
LABELS = "scorer,me,me,me,me\nbodyparts,nose,nose,tail,tail\ncoords,x,y,x,y\n"
NAN = float("nan")


def read(write, text, **options):
    return read_points(write("points.csv", text), **options)


def test_columns_name_the_points(write):
    names, rows = read(write, PLAIN + "a.png,1.5,2,9,,\nb.png,3,4,9,5,6\n\n")
    assert names == ["nose", "left_ear"]
    expected = [[1.5, 2, 2], [NAN, NAN, 0]]
    np.testing.assert_array_equal(rows["a.png"], expected)
    assert rows["b.png"].tolist() == [[3, 4, 2], [5, 6, 2]]


def test_visibility_may_be_told(write):
    text = "i,n_visible,n_x,n_y,file\n0,1,3,4,a\n0,0,3,4,b\n0,,3,4,c\n"
    _, rows = read(write, text, key="file")
    assert [rows[k][0, 2] for k in "abc"] == [1, 0, 0]


@pytest.mark.parametrize("lines", [0, 1])
def test_tables_of_deeplabcut(write, lines):
    heads = "".join(LABELS.splitlines(keepends=True)[1 - lines :])
    names, rows = read(write, heads + "a.png,1,2,3,4\n")
    assert names == ["nose", "tail"]
    assert rows["a.png"].tolist() == [[1, 2, 2], [3, 4, 2]]


def test_tables_of_deeplabcut_with_a_path_in_parts(write):
    text = (
        "scorer,,,me,me\nbodyparts,,,nose,nose\ncoords,,,x,y\n"
        "labeled-data,video,img1.png,1,2\n"
    )
    _, rows = read(write, text)
    assert list(rows) == ["labeled-data/video/img1.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("file,x,y\na,1,2\n", "such as nose_x"),
        (PLAIN, "no row"),
        (PLAIN + "a,1,2,9,3\n", "line 2: expected 6 cells, received 5"),
        (PLAIN + "a,1,,9,3,4\n", "line 2: .*both empty"),
        (PLAIN + "a,one,2,9,3,4\n", "line 2: .*'one'"),
        (PLAIN + "a,inf,2,9,3,4\n", "line 2: "),
        (PLAIN + "a,1,2,9,3,4\n" * 2, "line 3: 'a' has a second row"),
        (PLAIN + "/a,1,2,9,3,4\n", "line 2: .*inside the folder"),
        ("file,n_x,n_y,n_visible\na,1,2,5\n", "visibility of 0, 1 or 2"),
        ("scorer,me\nindividuals,one\nbodyparts,n\n", "several animals"),
        (
            "bodyparts,n,n,n\ncoords,x,y,likelihood\na,1,2,1\n",
            "predictions",
        ),
    ],
)
def test_malformed_tables_are_refused(write, text, message):
    with pytest.raises(ValueError, match=rf"points\.csv.*{message}"):
        read(write, text)


def test_missing_tables_and_columns_are_named(write, tmp_path):
    with pytest.raises(ValueError, match=r"no\.csv"):
        read_points(tmp_path / "no.csv")
    with pytest.raises(ValueError, match="Did you mean 'file'"):
        read(write, PLAIN + "a,1,2,9,3,4\n", key="flie")
