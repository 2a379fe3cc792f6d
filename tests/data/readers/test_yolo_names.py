import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.readers.yolo_names import class_names, read_names


@pytest.mark.parametrize(
    "text",
    [
        "path: x\nnames:\n  0: cat\n  1: hot dog  # both\nnc: 2\n",
        "nc: 2\nnames: ['cat', \"hot dog\"]  # both\n",
        "names:\n- cat\n- hot dog\nroboflow:\n  url: x\n",
        "names:\n  # all\n  - 'cat'\n\n  - hot dog\n",
        "names: {0: cat, 1: hot dog}",
        "names: [\n  cat,\n  hot dog,\n]\nnc: 2\n",
        "names:\n  1: hot dog\n  0: cat\n",
    ],
)
def test_forms_of_ultralytics(write, text):
    path = write("data.yaml", text)
    assert class_names(path) == class_names(str(path)) == ["cat", "hot dog"]


def test_quotes_commas_and_hashes_inside_of_names():
    text = """names: [driver's seat, 'a, b', b#2, "it's"]"""
    assert read_names(text, "") == ["driver's seat", "a, b", "b#2", "it's"]


def test_as_pyyaml_reads_it():
    yaml = pytest.importorskip("yaml")
    words = st.from_regex(r"[A-Za-z][a-z]{2,6}( [a-z']{3,5})?", fullmatch=True)
    words = words.filter(lambda word: isinstance(yaml.safe_load(word), str))

    @given(st.lists(words, min_size=1, unique=True), st.sampled_from([0, None]))
    def check(names, flow):
        for content in (names, dict(enumerate(names))):
            text = yaml.safe_dump(
                {"nc": 3, "names": content, "path": "x"},
                default_flow_style=flow,
            )
            assert read_names(text, "") == content

    check()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nc: 2\n", "there are no `names`"),
        ("names: *all\n", "cannot read the names"),
        ("names: [cat, dog\n", "cannot read the names"),
        ("names: ['cat, dog]\n", "cannot read the names"),
        ("names:\n  cat: 0\n", "cannot read the names 'cat: 0'"),
        ("names:\n  0: cat\n  2: dog\n", r"0 to 1, received those of \[0, 2\]"),
        ("names: [cat, cat]\n", "that differ"),
        ("names: {0: cat, 0: dog}\n", "a number of `names` is there twice"),
        ("names:\n", "that differ|cannot read"),
    ],
)
def test_other_forms_are_refused(write, text, message):
    path = write("data.yaml", text)
    with pytest.raises(ValueError, match=rf"data\.yaml: .*{message}"):
        class_names(path)
