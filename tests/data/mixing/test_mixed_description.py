import numpy as np
import pytest

from mtvision.data import mix
from mtvision.data.readers.findings import Findings

IMAGE = np.zeros((4, 4, 3), "uint8")


class Photos(list):
    """A source that says what readers say."""

    def __init__(self, *labels):
        self.files = [f"{k}.png" for k in range(len(labels))]
        super().__init__(
            {"image": IMAGE, "label": label, "file": file}
            for label, file in zip(labels, self.files)
        )
        self.classes = {"label": ["cat", "dog"]}
        self.findings = Findings({"no label": ["1.png: x"], "odd": ["z.png"]})

    def path(self, index):
        return f"photos/{self.files[index]}"

    def column(self, name):
        if name != "label":
            raise ValueError(f"There is no column {name!r}.")
        return np.array([sample["label"] for sample in self], "int32")

    def report(self):
        return f"{len(self)} photos"


MAPS = [{"image": IMAGE, "semantic": IMAGE[..., 0]}]


@pytest.fixture
def mixed():
    return mix({"a": Photos(0, 1), "maps": MAPS, "b": Photos(1, -1, 0)})


def test_files_are_those_of_samples(mixed):
    assert mixed.files == [mixed[k]["file"] for k in range(6)]
    assert mixed.files[1:4] == ["a: 1.png", "maps: 0", "b: 0.png"]


def test_paths_are_those_of_the_sources(mixed):
    paths = [mixed.path(index) for index in range(6)]
    assert paths[:3] == ["photos/0.png", "photos/1.png", None]
    assert mixed.path(-1) == "photos/2.png"
    with pytest.raises(IndexError):
        mixed.path(6)


def test_findings_begin_with_the_file(mixed):
    assert mixed.findings == {
        "no label": ["a: 1.png: x", "b: 1.png: x"],
        "odd": ["a: z.png", "b: z.png"],
    }


def test_columns_are_joined(mixed):
    assert mixed.column("label") == [0, 1, None, 1, -1, 0]
    both = mix({"a": Photos(0, 1), "b": Photos(1)})
    assert both.column("label").tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="No source has a column 'depth'"):
        mixed.column("depth")


def test_reports_are_joined(mixed):
    assert mixed.report() == "a: 2 photos\n\nb: 3 photos"


def test_lists_say_nothing_of_files():
    mixed = mix({"maps": MAPS})
    for name in ("files", "path", "column", "report"):
        assert not hasattr(mixed, name)
    assert mixed.findings == {}


def test_other_sources_in_the_same_shares():
    sources = {"a": Photos(*[0] * 6), "b": Photos(*[1] * 2), "maps": MAPS}
    weights = {"a": 2, "b": 1, "maps": 1}
    mixed = mix(sources, weights=weights)
    others = mixed.of_sources(sources | {"a": Photos(0, 0), "maps": []})
    assert list(others.sources) == ["a", "b"]
    assert others.shares.tolist() == [2 / 3, 1 / 3]
    assert others.epoch_size == 4
    mixed = mix(sources, weights=weights, epoch_size=40)
    assert mixed.of_sources(sources | {"a": Photos(0)}).epoch_size == 40
