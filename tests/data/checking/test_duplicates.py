import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.checking import kinds
from mtvision.data.checking.check import check
from mtvision.data.checking.duplicates import digest_of, near_duplicates


def images(*seeds):
    return [
        {
            "image": np.random.default_rng(seed)
            .integers(0, 256, (16, 16, 3))
            .astype("uint8")
        }
        for seed in seeds
    ]


def test_copies_between_and_inside_splits():
    splits = {
        "train": images(0, 1, 2, 1),
        "valid": images(3, 2),
        "test": images(4, 2, 3),
    }
    report = check(splits, verbose=0)
    between = report.defects[kinds.DUPLICATE_BETWEEN]
    assert [(p.split, p.index, p.detail) for p in between] == [
        ("valid", 1, "the pixels of sample 2 of train"),
        ("test", 1, "the pixels of sample 2 of train"),
        ("test", 1, "the pixels of sample 1 of valid"),
        ("test", 2, "the pixels of sample 0 of valid"),
    ]
    inside = report.facts[kinds.DUPLICATE_INSIDE]
    assert [(p.split, p.index) for p in inside] == [("train", 3)]
    # The split named first keeps the image.
    assert {k: len(v) for k, v in report.sources.items()} == {
        "train": 4,
        "valid": 1,
        "test": 1,
    }
    assert not check(report.sources, verbose=0).defects


def test_digests_tell_pixels_shapes_and_types_apart():
    image = np.arange(24, dtype="uint8").reshape(2, 4, 3)
    assert digest_of(image) == digest_of(image.copy(order="F"))
    others = [image + 1, image.reshape(4, 2, 3), image.astype("float32")]
    assert len({digest_of(other) for other in [image, *others]}) == 4


@given(st.lists(st.integers(0, 2**64 - 1), max_size=8), st.integers(0, 32))
def test_near_duplicates_as_python_counts_bits(hashes, distance):
    expected = []
    for index, one in enumerate(hashes):
        bits = [(one ^ other).bit_count() for other in hashes[:index]]
        if bits and min(bits) <= distance:
            expected.append((index, bits.index(min(bits)), min(bits)))
    found = near_duplicates(np.array(hashes, "uint64"), distance)
    assert list(found) == expected


def test_near_duplicates_are_found_across_splits():
    (sample,) = images(0)
    brighter = {"image": sample["image"] // 2 + 20}
    plain = {"image": np.zeros((4, 4, 3), "uint8")}
    grey = {"image": np.ones((4, 4, 3), "uint8")}
    splits = {"train": [sample, plain], "test": [brighter, grey]}
    report = check(splits, near_duplicates=6, verbose=0)
    (place,) = report.facts[kinds.NEAR_DUPLICATE]
    assert (place.split, place.index) == ("test", 0)
    assert "of 64 bits from train, sample 0" in place.detail
    assert kinds.NEAR_DUPLICATE not in check(splits, verbose=0).facts
