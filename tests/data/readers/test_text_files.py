import pytest

from mtvision.data.readers.text_files import read_text


@pytest.mark.parametrize(
    "content", ["cät\ndog\n", "cät\r\ndog\r\n", "\ufeffcät\ndog\n"]
)
def test_line_ends_and_marks_do_not_matter(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    assert read_text(path) == "cät\ndog\n"


def test_other_files_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("file,kind\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"a\.csv.*not UTF-8"):
        read_text(path)
    with pytest.raises(ValueError, match=r"b\.csv.*no such table"):
        read_text(tmp_path / "b.csv", "table")
