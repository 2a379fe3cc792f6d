import copy
import pickle

import pytest

from mtvision.data.wrapped_source import WrappedSource


class Source(list):
    classes = ("cat", "dog")
    files = ("0.png", "1.png")


class Numbered(WrappedSource):
    def __getitem__(self, index):
        sample = self.sample_without(index, "number")
        return {**sample, "number": index}


class Shy(Numbered):
    forwarded = ("files", "column")


SOURCE = Source([{"image": 0}, {"image": 1, "number": 7}])


def test_has_what_its_source_has():
    source = Numbered(Numbered(SOURCE))
    assert len(source) == 2
    assert source.classes == SOURCE.classes
    assert not hasattr(source, "column")
    with pytest.raises(ValueError, match="Sample 0 .*'number' already.*field"):
        source[0]
    assert Numbered(SOURCE)[0] == {"image": 0, "number": 0}
    with pytest.raises(ValueError, match="Sample 1"):
        Numbered(SOURCE)[1]


def test_has_only_what_is_forwarded():
    source = Shy(SOURCE)
    assert source.files == SOURCE.files
    for name in ("classes", "column"):
        assert not hasattr(source, name)
    with pytest.raises(AttributeError, match="'Shy'.*'classes'"):
        source.classes  # noqa: B018


@pytest.mark.parametrize("kind", [Numbered, Shy])
def test_copies(kind):
    source = kind(SOURCE)
    for twin in (copy.copy(source), pickle.loads(pickle.dumps(source))):
        assert twin[0] == source[0]
        assert twin.files == source.files
