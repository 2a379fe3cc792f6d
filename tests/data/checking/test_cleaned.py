import numpy as np
import pytest
from PIL import Image

from mtvision.data import Mixture, Subset, Translated, VocDetection, check, mix

IMAGE = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype("uint8")


def photo(number, *boxes):
    return {"image": IMAGE + np.uint8(number), "boxes": np.float32(boxes)}


GOOD, FAULTY = (1, 1, 4, 4), (1, 1, 1, 4)


def test_a_mixture_stays_one():
    sources = {
        "a": [photo(0, GOOD), photo(1, FAULTY), photo(2, GOOD)],
        "b": [photo(3, GOOD, FAULTY), photo(4, GOOD)],
        "c": [photo(5, FAULTY)],
    }
    mixed = mix(sources, weights={"a": 1, "b": 2, "c": 1}, epoch_size=8)
    report = check(mixed, verbose=0)
    source = report.source
    assert isinstance(source, Mixture)
    files = [source[k]["file"] for k in range(len(source))]
    assert [file[:1] for file in files] == ["a", "a", "b"]
    assert {1, 3, 5} == set(report.dropped["all"])
    assert list(source.sources) == ["a", "b"]
    np.testing.assert_allclose(source.shares, [1 / 3, 2 / 3])
    assert len(source.epoch_rows(0, 0)) == 8
    assert list(source.peers(0)) == [0, 1]
    source = check(mixed, on_error="fix", verbose=0).source
    assert isinstance(source, Mixture)
    assert len(source) == 6
    assert [len(source[k]["boxes"]) for k in range(6)] == [1, 0, 1, 1, 1, 0]


def test_a_sound_mixture_is_itself():
    mixed = mix({"a": [photo(0, GOOD)]})
    assert check(mixed, verbose=0).source is mixed


XML = (
    "<annotation><object><name>cat</name><bndbox><xmin>3</xmin><ymin>3</ymin>"
    "<xmax>3</xmax><ymax>9</ymax></bndbox></object></annotation>"
)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda source: Translated(source, rename={"boxes": "cat_boxes"}),
        lambda source: Subset(source, range(len(source))),
        lambda source: mix({"cats": source, "others": [photo(9, GOOD)]}),
        lambda source: mix({"cats": Subset(Translated(source), [0, 1])}),
    ],
)
def test_wrapped_sources_are_checked_as_they_are(tmp_path, wrap):
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "Annotations").mkdir()
    for number, (name, kind) in enumerate([("a", "JPEG"), ("b", "PNG")]):
        path = tmp_path / f"JPEGImages/{name}.jpg"
        Image.fromarray(photo(number)["image"]).save(path, kind)
        (tmp_path / f"Annotations/{name}.xml").write_text(XML)
    source = VocDetection(tmp_path)
    plain, wrapped = (
        check(one, verbose=0).findings for one in (source, wrap(source))
    )
    assert {"file named otherwise", "reader: box inverted or without area"} <= (
        plain.keys()
    )
    for kind, places in plain.items():
        found = {
            place.index for place in wrapped[kind] if place.index in (0, 1)
        }
        assert found == {place.index for place in places}, kind
