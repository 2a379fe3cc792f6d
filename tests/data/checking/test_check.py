import threading

import keras
import numpy as np
import pytest
from PIL import Image

from mtvision.data import Batches, Folder, Subset, split
from mtvision.data.checking import kinds
from mtvision.data.checking.check import check
from mtvision.data.checking.place import Place
from mtvision.data.readers.findings import Findings


def image(seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (8, 8, 3)).astype("uint8")


class Source:
    """Samples that are made when read, with what readers say of them."""

    def __init__(self, number, **fields):
        self.number = number
        self.fields = fields
        self.files = [f"{index}.jpg" for index in range(number)]
        self.reads = []

    def __len__(self):
        return self.number

    def __getitem__(self, index):
        self.reads.append(index)
        labels = {name: make(index) for name, make in self.fields.items()}
        return {"image": image(index), "file": f"{index}.jpg"} | labels


def test_every_sample_is_read_once_and_few_wait():
    source = Source(200)
    check(source, verbose=0)
    assert sorted(source.reads) == list(range(200))


def test_samples_are_not_kept():
    living, most = 0, 0
    lock = threading.Lock()

    class Sample(dict):
        def __init__(self, index):
            nonlocal living, most
            super().__init__(image=image(index))
            with lock:
                living += 1
                most = max(most, living)

        def __del__(self):
            nonlocal living
            with lock:
                living -= 1

    class Made(Source):
        def __getitem__(self, index):
            return Sample(index)

    check(Made(100), verbose=0)
    assert living == 0
    assert most < 50


def test_raise_names_place_defect_and_remedy():
    def boxes(index):
        return np.array([[2, 2, 2 + (index != 3), 5]], "float32")

    source = Source(50, boxes=boxes, label=lambda _: np.array(-1))
    expected = (
        r"sample 3 \(3.jpg\), 'boxes': row 0 is \(2, 2, 2, 5\)\n"
        "This is a defect, 'box without area'. Remove the box.*'skip'"
    )
    with pytest.raises(ValueError, match=expected):
        check(source, on_error="raise", verbose=0)
    assert len(source.reads) < 25
    source = Source(5, label=lambda _: np.array(-1))
    report = check(source, on_error="raise", verbose=0)
    assert report.source is source
    assert len(report.facts[kinds.MISSING]) == 5


def test_raise_names_the_split():
    splits = {"train": Source(3), "test": Source(1)}
    with pytest.raises(
        ValueError, match=r"test, sample 0 .* sample 0 of train"
    ):
        check(splits, on_error="raise", verbose=0)


def test_unreadable_files_are_named_without_a_sample():
    class Damaged(Source):
        def __getitem__(self, index):
            if index == 2:
                raise OSError("broken disk")
            return super().__getitem__(index)

    report = check(Damaged(4), verbose=0)
    (place,) = report.defects[kinds.UNREADABLE]
    assert place == Place("all", 2, "2.jpg", "", "OSError: broken disk")
    assert report.dropped == {"all": {2: [kinds.UNREADABLE]}}
    assert [report.source[k]["file"] for k in range(3)] == [
        "0.jpg",
        "1.jpg",
        "3.jpg",
    ]


def test_a_truncated_file_does_not_end_the_walk(tmp_path):
    for index in range(8):
        Image.fromarray(image(index)).save(tmp_path / f"{index}.png")
    folder = Folder(tmp_path)
    # What was sound when the folder was opened need not stay so.
    path = tmp_path / "5.png"
    path.write_bytes(path.read_bytes()[:90])
    report = check(folder, on_error="fix", verbose=0)
    (place,) = report.defects[kinds.UNREADABLE]
    assert (place.index, place.file) == (5, "5.png")
    assert "cannot be read as an image" in place.detail
    assert report.source.files == [f"{k}.png" for k in range(8) if k != 5]
    with pytest.raises(ValueError, match=r"sample 5 \(5.png\).*5.png: cannot"):
        check(folder, on_error="raise", verbose=0)


def test_counts_of_fields_and_classes():
    source = Source(
        6,
        label=lambda index: np.array([0, 0, 0, 2, -1, -1][index]),
        boxes=lambda index: None if index < 2 else np.eye(4)[:0],
        box=lambda index: np.full(4, np.nan),
        present=lambda index: np.array([0, np.nan][index % 2]),
    )
    report = check(source, classes={"label": ["a", "b", "c"]}, verbose=0)
    counts = report.counts["all"]
    assert counts["label"] == {"labelled": 4, "missing": 2, "objects": None}
    assert counts["boxes"] == {"labelled": 4, "missing": 2, "objects": 0}
    # An object that is known to be absent has no box.
    assert counts["box"]["missing"] == counts["present"]["missing"] == 3
    assert report.statistics["all"].classes["label"] == {0: 3, 2: 1}
    (place,) = report.facts[kinds.CLASS_NEVER]
    assert str(place) == "'label': b"
    assert report.rows("classes")[0] == {
        "split": "all",
        "field": "label",
        "class": "a",
        "number": 3,
        "share": 0.75,
    }


def test_balance_of_classes():
    source = Source(
        23,
        label=lambda index: np.array(5 * (index < 2)),
        few=lambda index: np.array(int(index < 3)),
        semantic=lambda _: np.array([[0] * 4 + [1] * 3 + [255]] * 8),
    )
    report = check(source, verbose=0)
    assert {k: list(map(str, v)) for k, v in report.facts.items()} == {
        kinds.CLASS_IMBALANCE: ["'label': 0 21, 5 2, 10.5 times as many"],
        kinds.SPARSE_NUMBERS: ["'label': 2 numbers from 0 to 5"],
    }
    pixels = report.statistics["all"].classes["semantic"]
    assert pixels == {0: 23 * 32, 1: 23 * 24}


def test_key_points_that_are_never_labelled():
    points = np.array([[[1, 1, 2], [2, 2, 0], [3, 3, 1]]])
    report = check(Source(3, keypoints=lambda _: points), verbose=0)
    assert report.statistics["all"].points["keypoints"].tolist() == [3, 0, 3]
    (place,) = report.facts[kinds.POINT_NEVER]
    assert str(place) == "'keypoints': point 1"


def test_classes_of_the_source_and_of_the_call():
    source = Source(3, label=lambda index: np.array(index))
    source.classes = {"label": ["a", "b"]}
    report = check(source, verbose=0)
    assert [p.index for p in report.defects[kinds.CLASS_OUT_OF_RANGE]] == [2]
    report = check(source, classes={"label": 3, "semantic": 4}, verbose=0)
    assert not report.defects
    assert report.facts[kinds.FIELD_NEVER][0].field == "semantic"


def test_splits_with_other_lists_of_classes():
    splits = {"train": Source(1), "test": Source(1)}
    splits["train"].classes = {"label": ["a", "b"]}
    splits["test"].classes = {"label": ["b", "a"]}
    (place,) = check(splits, verbose=0).facts[kinds.CLASS_LISTS_DIFFER]
    assert str(place) == "test, 'label': not those of train"


def test_findings_of_the_reader_are_merged_in():
    source = Source(3)
    source.files = ["a b.jpg", "a.jpg", "c.jpg"]
    source.findings = Findings()
    source.findings.add("small", "a b.jpg (3)")
    source.findings.add("small", "a.jpg: tiny")
    source.findings.add("left out", "d.jpg")
    facts = check(source, verbose=0).facts
    assert facts["reader: small"] == [
        Place("all", 0, "a b.jpg", "", "(3)"),
        Place("all", 1, "a.jpg", "", "tiny"),
    ]
    assert facts["reader: left out"] == [Place("all", detail="d.jpg")]
    # A part of a source has what was found in its own files.
    facts = check(Subset(source, [1]), verbose=0).facts
    assert [place.index for place in facts["reader: small"]] == [0]
    assert "reader: left out" not in facts


def test_parts_of_a_source_are_splits():
    parts = split(Source(20), {"train": 0.8, "test": 0.2})
    report = check(parts, verbose=0)
    assert not report.findings
    assert report.sources["train"] is parts["train"]
    assert report.statistics["test"].samples == 4


def test_the_report_is_readable():
    source = Source(
        4,
        boxes=lambda index: np.array([[1, 1, 9 + index, 5]], "float32"),
        classes=lambda index: np.array([index]),
        depth=lambda _: np.full((8, 8), np.nan),
    )
    report = check(source, on_error="fix", verbose=0)
    text = str(report)
    assert text.startswith(
        "4 samples: 4 defects of 1 kind, 4 facts of 1 kind; 0 samples left "
        "out, 4 things mended\n"
    )
    assert "Clip the box at the edges of the image." in text
    (row,) = [row for row in report.rows() if row["defect"]]
    assert row == {
        "split": "all",
        "kind": kinds.BOX_PARTLY_OUTSIDE,
        "defect": True,
        "fields": "boxes",
        "number": 4,
        "samples": 4,
        "mended": 4,
        "dropped": 0,
        "first": "sample 0 (0.jpg), 'boxes': row 0 is (1, 1, 9, 5)",
    }
    sizes = {row["of"]: row for row in report.rows("sizes")}
    assert sizes["box width"]["smallest"] == 8
    assert sizes["box width"]["largest"] == 11
    assert sizes["image height"]["median"] == 8
    for table in ("findings", "fields", "classes", "sizes"):
        rows = report.rows(table)
        assert len({tuple(row) for row in rows}) == 1
    with pytest.raises(ValueError, match="'findings'"):
        report.rows("colours")


def test_many_classes_are_printed_in_short():
    source = Source(40, identity=lambda index: np.array(index))
    text = str(check(source, verbose=0))
    assert "... 28 more      28  70.0%" in text


def test_a_progress_bar(capsys):
    check(Source(3))
    assert "3/3" in capsys.readouterr().out
    check(Source(3), verbose=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ([], {}, "'all': there is no sample"),
        ({}, {}, "a dict of sources"),
        ({"train": Source(1), "test": []}, {}, "'test': there is no sample"),
        ({"train": 3}, {}, "'train': expected a source.*received int"),
        ([1], {"on_error": "skipp"}, "Did you mean 'skip'"),
        ([1], {"classes": {"label": "cat"}}, "expected a list of names"),
        ([1], {"classes": {"label": []}}, "expected a list of names"),
        ([1], {"near_duplicates": 64}, "from 0 to 63"),
    ],
)
def test_wrong_options_are_refused_before_the_walk(source, options, message):
    with pytest.raises(ValueError, match=message):
        check(source, verbose=0, **options)


def test_sources_of_several_splits_are_a_dict():
    report = check({"train": Source(1)}, verbose=0)
    with pytest.raises(ValueError, match=r"report\.sources"):
        _ = report.source


def test_a_sample_is_no_source():
    for label in (np.ones((2, 4)), np.int32(1), "a cat", None):
        sample = {"image": image(), "boxes": label}
        with pytest.raises(ValueError, match=r"Is it a sample\? Pass a list"):
            check(sample, verbose=0)


def test_batches_are_checked_by_their_source():
    source = [{"image": image(k), "label": np.array(k)} for k in range(3)]
    report = check(Batches(source, {"digit": "label"}), verbose=0)
    assert report.source is source
    assert report.counts["all"]["label"]["labelled"] == 3

    class Others(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return None

    with pytest.raises(ValueError, match="'all'.*the batches of Others"):
        check(Others(), verbose=0)
