import warnings

import numpy as np
import pytest

from mtvision.data import Batches, mix

IMAGE = np.zeros((4, 4, 3), "uint8")


class Named(list):
    def __init__(self, samples, **classes):
        super().__init__(samples)
        self.classes = classes


def scenes(number=12, **fields):
    return [
        {"image": IMAGE + k, "label": k % 3, "file": f"{k}.png"} | fields
        for k in range(number)
    ]


def maps(number=4):
    return [
        {"image": IMAGE + 100 + k, "semantic": np.full((4, 4), k % 2)}
        for k in range(number)
    ]


def objects(names=("cat", "dog"), number=6):
    samples = [
        {
            "image": IMAGE + 200,
            "boxes": np.array([[0, 0, 2, 2]], "float32"),
            "classes": np.array([k % len(names)]),
        }
        for k in range(number)
    ]
    return Named(samples, classes=list(names))


TARGETS = {"scene": "label", "map": "semantic"}


def test_as_a_list_it_is_one_source_after_the_other():
    mixed = mix({"scenes": scenes(), "maps": maps()})
    assert len(mixed) == 16
    values = [int(mixed[k]["image"][0, 0, 0]) for k in range(16)]
    assert values == [*range(12), *range(100, 104)]
    assert mixed[3]["file"] == "scenes: 3.png"
    assert mixed[13]["file"] == "maps: 1"
    with pytest.raises(IndexError):
        mixed[16]


def test_an_evaluation_sees_every_sample_once():
    mixed = mix(
        {"scenes": scenes(), "maps": maps()}, weights={"scenes": 1, "maps": 9}
    )
    batches = Batches(mixed, TARGETS, batch_size=5)
    seen = np.concatenate([batches[k][0][:, 0, 0, 0] for k in range(4)])
    assert sorted(seen) == [*range(12), *range(100, 104)]


def test_batches_have_their_shares_and_weights():
    mixed = mix(
        {"scenes": scenes(), "maps": maps()}, weights={"scenes": 3, "maps": 1}
    )
    batches = Batches(mixed, TARGETS, batch_size=8, shuffle=True)
    for epoch in range(3):
        for step in range(len(batches)):
            x, y, weights = batches.batch(epoch, step)
            is_map = x[:, 0, 0, 0] >= 100
            assert is_map.sum() == 2
            np.testing.assert_array_equal(weights["map"], is_map)
            np.testing.assert_array_equal(weights["scene"], ~is_map)
            assert (y["scene"][is_map] == -1).all()
            assert (y["map"][~is_map] == -1).all()


def test_an_epoch_is_a_pure_function():
    def batches(seed):
        mixed = mix({"scenes": scenes(), "maps": maps()}, temperature=2)
        return Batches(mixed, TARGETS, batch_size=4, shuffle=True, seed=seed)

    one, two = batches(3), batches(3)
    for epoch in (2, 0, 1):
        for step in (3, 0):
            for a, b in zip(one.batch(epoch, step)[:1], two.batch(epoch, step)):
                np.testing.assert_array_equal(a, b)
    two.epoch = 1
    np.testing.assert_array_equal(one.batch(1, 2)[0], two[2][0])
    assert not np.array_equal(one.batch(0, 0)[0], one.batch(1, 0)[0])
    assert not np.array_equal(one.batch(0, 0)[0], batches(4).batch(0, 0)[0])


def test_the_size_of_an_epoch():
    mixed = mix({"scenes": scenes(), "maps": maps()}, epoch_size=40)
    assert len(Batches(mixed, TARGETS, batch_size=8, shuffle=True)) == 5
    assert len(Batches(mixed, TARGETS, batch_size=8)) == 2


def test_weights_in_any_order():
    sources = {"scenes": scenes(), "maps": maps()}
    mixed = mix(sources, weights={"maps": 3, "scenes": 1})
    assert mixed.shares.tolist() == [0.25, 0.75]


def test_classes_by_name():
    mixed = mix(
        {"pets": objects(), "wild": objects(("fox", "chat"))},
        classes={"classes": ["cat", "dog", "fox"]},
        class_maps={"wild": {"classes": {"chat": "cat"}}},
    )
    assert mixed.classes == {"classes": ["cat", "dog", "fox"]}
    pets, wild = mixed[1], mixed[7]
    assert pets["classes"].tolist() == [1]
    assert wild["classes"].tolist() == [0]
    assert pets["annotated"].tolist() == [1, 1, 0]
    assert wild["annotated"].tolist() == [1, 0, 1]
    targets = {"boxes": {k: k for k in ("boxes", "classes", "annotated")}}
    batches = Batches(mixed, targets, batch_size=2, max_objects=3)
    _, y, weights = batches[3]
    assert y["boxes"]["annotated"].shape == (2, 3)
    assert weights["boxes"].tolist() == [1, 1]


def test_sources_that_lack_the_field_are_not_translated():
    mixed = mix(
        {"pets": objects(), "maps": maps()},
        classes={"classes": ["dog", "cat"]},
    )
    assert mixed[0]["classes"].tolist() == [1]
    assert "annotated" not in mixed[6]


@pytest.mark.parametrize(
    ("sources", "options", "message"),
    [
        ({}, {}, "dict from name to source"),
        ([scenes()], {}, "received list"),
        ({"a": scenes(), "b": []}, {}, "'b' is empty"),
        ({"a": scenes(), "b": 3}, {}, "'b': expected a source"),
        ({"a": scenes()}, {"weights": {"a": 1, "c": 1}}, "'c'"),
        ({"a": scenes(), "b": maps()}, {"weights": {"a": 1}}, "None for 'b'"),
        ({"a": scenes()}, {"weights": {"a": -1}}, "received -1"),
        ({"a": scenes()}, {"weights": {"a": 1}, "temperature": 2}, "both"),
        ({"a": scenes()}, {"temperature": 0}, "temperature"),
        ({"a": scenes()}, {"epoch_size": 0}, "epoch_size"),
        ({"a": scenes()}, {"classes": {"lable": []}}, "'lable'"),
        ({"a": scenes()}, {"class_maps": {"b": {}}}, "'b'"),
        (
            {"a": objects(), "b": objects(("fox",))},
            {},
            "'a' and 'b' number the classes of 'classes' differently",
        ),
        (
            {"a": objects(), "b": objects(("fox",))},
            {"classes": {"classes": ["cat", "dog"]}},
            "Source 'b'.*'fox'",
        ),
    ],
)
def test_bad_mixtures(sources, options, message):
    with pytest.raises(ValueError, match=message):
        mix(sources, **options)


def test_classes_without_names():
    with pytest.warns(UserWarning, match="'semantic', but \\['b'\\] give no"):
        mix({"a": Named(maps(), semantic=["x", "y"]), "b": maps()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mix({"a": maps(), "b": scenes()})
        named = Named(maps(), semantic=["x", "y"])
        mix({"a": named, "b": named})


def test_sizes_that_differ_are_found_when_built():
    small = [{"image": IMAGE[:2], "label": 0}] * 3
    mixed = mix({"scenes": scenes(), "small": small})
    with pytest.raises(ValueError, match="small: 0.*Pass image_size="):
        Batches(mixed, {"scene": "label"})
    assert len(Batches(mixed, {"scene": "label"}, image_size=4)) == 1


def test_a_field_that_no_source_has():
    mixed = mix({"scenes": scenes(), "maps": maps()})
    with pytest.raises(ValueError, match="'depth', but none of the 16"):
        Batches(mixed, {"far": "depth"})
