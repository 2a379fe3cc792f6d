import numpy as np
import pytest

from mtvision.data.readers.table import encode_column, read_table


def write(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


def test_rows_are_found_by_file(tmp_path):
    path = write(tmp_path / "t.csv", 'file,a\nx.jpg,"1,2"\nsub/y.jpg,\n')
    rows = read_table(path, "file")
    assert rows["x.jpg"]["a"] == "1,2"
    assert rows["sub/y.jpg"]["a"] == ""


def test_a_byte_order_mark_is_no_part_of_the_name(tmp_path):
    path = write(tmp_path / "t.csv", "file,a\nx.jpg,é\n", "utf-8-sig")
    assert read_table(path, "file")["x.jpg"]["a"] == "é"


@pytest.mark.parametrize(
    "name",
    ["../x.jpg", "a/../../x.jpg", "/etc/x.jpg", r"..\x.jpg", r"C:\x.jpg", ""],
)
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    path = write(tmp_path / "t.csv", f"file,a\n{name},1\n")
    with pytest.raises(ValueError, match="line 2"):
        read_table(path, "file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flie,a\nx.jpg,1\n", "Did you mean 'flie'"),
        ("file,a\n", "no row"),
        ("", "no column"),
        ("file,a\nx.jpg,1\nx.jpg,2\n", "second row"),
    ],
)
def test_malformed_tables_are_refused(tmp_path, text, message):
    path = write(tmp_path / "t.csv", text)
    with pytest.raises(ValueError, match=message):
        read_table(path, "file")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(ValueError, match="no such table"):
        read_table(tmp_path / "t.csv", "file")


def test_columns_become_class_numbers():
    texts = {"a": "dog", "b": " cat ", "c": "", "d": None}
    numbers, classes = encode_column(texts, None, "species")
    assert numbers.tolist() == [1, 0, -1, -1]
    assert classes == ["cat", "dog"]
    numbers, _ = encode_column(texts, ["dog", "cat"], "species")
    assert numbers.tolist() == [0, 1, -1, -1]
    assert numbers.dtype == np.int32


def test_measurements_are_floats():
    numbers, classes = encode_column({"a": "1.5", "b": ""}, float, "age")
    np.testing.assert_array_equal(numbers, np.float32([1.5, np.nan]))
    assert classes is None


def test_strange_texts_are_named_with_their_file():
    with pytest.raises(ValueError, match=r"x\.jpg.*Did you mean 'cat'"):
        encode_column({"x.jpg": "cta"}, ["cat", "dog"], "species")
    with pytest.raises(ValueError, match=r"x\.jpg.*number"):
        encode_column({"x.jpg": "old"}, float, "age")


def test_whole_numbers_are_sorted_as_numbers():
    texts = {str(k): text for k, text in enumerate(["10", "9", "", "100"])}
    numbers, classes = encode_column(texts, None, "breed")
    assert classes == ["9", "10", "100"]
    assert numbers.tolist() == [1, 0, -1, 2]


@pytest.mark.parametrize("classes", [int, "cat", 5])
def test_classes_that_are_no_list_are_refused(classes):
    with pytest.raises(ValueError, match="'breed': expected a list"):
        encode_column({"a.png": "1"}, classes, "breed")
