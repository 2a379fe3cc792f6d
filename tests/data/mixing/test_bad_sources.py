"""Damaged first samples, shares of nothing, mixtures of mixtures."""

import warnings

import numpy as np
import pytest

from mtvision.data import Batches, Subset, Translated, mix, split
from mtvision.data.mixing.probing import known_fields

IMAGE = np.zeros((4, 4, 3), "uint8")


def scenes(number=12, **fields):
    return [
        {"image": IMAGE + k % 250, "label": k % 3} | fields
        for k in range(number)
    ]


def maps(number=4):
    return [{"image": IMAGE, "semantic": IMAGE[..., 0]}] * number


class Damaged(list):
    """A source whose first sample cannot be read."""

    def __getitem__(self, index):
        if index == 0:
            raise OSError("0.png is damaged")
        return super().__getitem__(index)


class Named(list):
    def __init__(self, samples, **classes):
        super().__init__(samples)
        self.classes = classes


class Dead(Named):
    def __getitem__(self, index):
        raise OSError("no such disk")


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        (
            (1000, 1),
            {"weights": {"a": 1000, "b": 1}, "epoch_size": 100},
            "'b' would never come.*epoch_size=1001 or a weight of 10.1",
        ),
        (
            (1000, 50),
            {"temperature": 0.2},
            "'b' would never come.*1050 samples.*a higher temperature",
        ),
        ((5, 5), {"weights": {"a": 1, "b": 1e-320}}, "'b' would never come"),
        ((5, 5), {"epoch_size": 1}, "'b' would never come.*epoch_size=2"),
    ],
)
def test_a_source_that_would_never_come(sizes, options, message):
    sources = {name: scenes(size) for name, size in zip("ab", sizes)}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(ValueError, match=message):
            mix(sources, **options)


def test_the_remedies_are_remedies():
    sources = {"a": scenes(1000), "b": scenes(1)}
    for options in (
        {"weights": {"a": 1000, "b": 1}, "epoch_size": 1001},
        {"weights": {"a": 1000, "b": 10.2}, "epoch_size": 100},
    ):
        rows = mix(sources, **options).epoch_rows(0, 0)
        assert np.count_nonzero(rows == 1000) == 1


def test_very_large_weights():
    sources = {"a": scenes(), "b": scenes(4)}
    mixed = mix(sources, weights={"a": 1e308, "b": 1e308})
    assert mixed.shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": [1, 1]}, r"weights as a dict.*received \[1, 1\]"),
        ({"classes": ["cat"]}, "classes as a dict"),
        ({"class_maps": "cat"}, "class_maps as a dict"),
        ({"epoch_size": True}, "epoch_size.*True"),
    ],
)
def test_arguments_of_a_wrong_type(options, message):
    with pytest.raises(ValueError, match=message):
        mix({"a": scenes(), "b": scenes()}, **options)


def test_a_damaged_first_sample_does_not_stop_a_mixture():
    source = Translated(Damaged(scenes()), keep=["label"])
    mixed = mix({"a": source, "b": scenes()})
    with pytest.raises(OSError, match=r"0.png is damaged"):
        mixed[0]
    assert mixed[1]["label"] == 1
    batches = Batches(mixed, {"scene": "label"}, on_error="skip", batch_size=4)
    assert batches[0][2]["scene"].tolist() == [0, 1, 1, 1]


def test_a_source_of_which_nothing_can_be_read():
    source = Translated(Dead(scenes(), label=["a"]), keep=["boxes"])
    mixed = mix({"a": source, "b": scenes()})
    assert len(mixed) == 24


def test_labels_that_the_first_sample_lacks():
    samples = [{"image": IMAGE}] * 3 + scenes(3, depth=IMAGE[..., 0])
    source = Translated(
        samples, rename={"label": "place"}, keep=["place", "depth"]
    )
    assert sorted(source[4]) == ["depth", "image", "place"]
    known, readable = known_fields([{"image": IMAGE}] * 9, ["label"])
    assert "label" not in known
    assert readable == 9


def test_what_a_source_says_of_its_fields_is_believed():
    class Table(Named):
        def column(self, name):
            return {"depth": [1, 2]}[name]

    source = Table([{"image": IMAGE}] * 2, label=["a", "b"])
    Translated(source, keep=["label", "depth"])
    with pytest.raises(ValueError, match="'boxes' to keep"):
        Translated(source, keep=["boxes"])


def test_numbers_and_lists_are_labels_too():
    """As in the example of `mix`, whose label is a Python integer."""

    boxes = [[0, 0, 2, 2], [1, 1, 3, 3]]
    sample = {"image": IMAGE, "label": 1, "boxes": boxes, "classes": [0, 1]}
    source = Named([sample], label=["a", "b"], classes=["x", "y"])
    mixed = mix(
        {"one": source, "two": source},
        classes={"label": ["b", "a"], "classes": ["y"]},
        class_maps={name: {"classes": {"x": None}} for name in ("one", "two")},
    )
    assert mixed[0]["label"] == 0
    assert mixed[1]["classes"].tolist() == [0]
    assert mixed[1]["boxes"].tolist() == [[1, 1, 3, 3]]


def test_numbers_from_the_end():
    mixed = mix({"a": scenes(2), "b": scenes(3)})
    assert mixed[-1]["file"] == "b: 2"
    assert mixed[-5]["file"] == "a: 0"
    assert mixed.name_of(-1) == "b"
    assert mixed.peers(-1) == range(2, 5)
    for index in (5, -6):
        with pytest.raises(IndexError):
            mixed[index]


def test_a_mixture_of_mixtures():
    mixed = mix({"a": scenes(), "b": scenes()}, weights={"a": 1, "b": 3})
    with pytest.raises(ValueError, match="'x' is a mixture already"):
        mix({"x": mixed, "c": scenes()})
    with pytest.raises(ValueError, match="split its sources, then mix"):
        split(mixed, {"train": 0.5, "test": 0.5})
    with pytest.raises(ValueError, match="take parts of its sources"):
        Batches(Subset(mixed, [0, 1]), {"scene": "label"}, shuffle=True)
    assert len(Batches(Subset(mixed, [0, 1]), {"scene": "label"})) == 1
    with pytest.raises(ValueError, match="translate its sources"):
        Translated(mixed, keep=["label"])


def test_shares_that_say_nothing_are_warned_of():
    sources = {"a": Named(scenes(4)), "b": maps(4)}
    targets = {"scene": "label"}
    for chosen in (
        {"weights": {"a": 1, "b": 3}},
        {"temperature": 2},
        {"epoch_size": 40},
    ):
        mixed = mix(sources, **chosen)
        with pytest.warns(UserWarning, match=f"{next(iter(chosen))} of the"):
            Batches(mixed, targets)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Batches(mixed, targets, shuffle=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Batches(mix(sources), targets)


def test_classes_that_a_source_does_not_name():
    source = Named(scenes(3), label=["a", "b"])
    with pytest.raises(ValueError, match="sample 2.*class number 2"):
        Batches(source, {"scene": "label"})[0]


@pytest.mark.parametrize("flat_first", [True, False])
def test_key_points_of_one_and_of_several(flat_first):
    one = [{"image": IMAGE, "keypoints": np.ones((4, 3))}] * 2
    several = [{"image": IMAGE, "keypoints": np.ones((2, 17, 3))}] * 2
    sources = {"flies": one, "people": several}
    if not flat_first:
        sources = dict(reversed(sources.items()))
    with pytest.raises(ValueError, match=r"\(M, K, 3\).*Rename the field"):
        Batches(mix(sources), {"points": "keypoints"}, max_objects=3)
