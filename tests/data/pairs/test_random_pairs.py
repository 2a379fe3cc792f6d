import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtvision as mtv
from mtvision.data import Augment, Batches, RandomPairs


def people(*counts):
    """Samples whose image tells their number and identity."""
    found = []
    for who, count in enumerate(counts):
        for _ in range(count):
            image = np.full((4, 4, 3), len(found), "uint8")
            found.append({"image": image, "identity": who})
    return found


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5).filter(
        lambda counts: max(counts) > 1
    ),
    st.integers(1, 25),
    st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_pairs_are_what_they_say(counts, number, share):
    source = people(*counts)
    pairs = RandomPairs(source, num_pairs=number, same=share)
    assert len(pairs) == number
    assert abs(pairs.column("same").sum() - share * number) < 1 + 1e-6
    for index in range(number):
        pair = pairs[index]
        first, second = (
            int(pair[f"{name}_image"][0, 0, 0]) for name in ("first", "second")
        )
        assert first != second
        who = [source[row]["identity"] for row in (first, second)]
        assert pair["same"] == (who[0] == who[1]) == pairs.column("same")[index]


def test_identities_come_alike_and_both_orders_do():
    pairs = RandomPairs(people(2, 2, 40), num_pairs=600, same=1).pairs
    shares = np.bincount(np.minimum(pairs[:, 0] // 2, 2)) / 600
    assert np.abs(shares - 1 / 3).max() < 0.08
    assert 0.4 < (pairs[:, 0] < pairs[:, 1]).mean() < 0.6


def test_a_pair_is_a_function_of_the_seed_and_its_place():
    source = people(3, 3, 3)
    pairs = RandomPairs(source, num_pairs=20, seed=2).pairs
    longer = RandomPairs(source, num_pairs=30, seed=2).pairs
    assert (longer[:20] == pairs).all()
    assert (RandomPairs(source, num_pairs=20).pairs != pairs).any()


def test_unknown_identities_are_in_no_pair():
    source = [*people(2, 2), {"image": None, "identity": -1}]
    assert RandomPairs(source, num_pairs=40).pairs.max() == 3


def read(**options):
    faces = mtv.data.DrawnFaces("train", num_people=2, image_size=16)
    pairs = RandomPairs(faces, num_pairs=8)
    inputs = {"first": "first_image", "second": "second_image"}
    return pairs, Batches(pairs, {"same": "same"}, inputs=inputs, **options)


def test_batches_of_pairs():
    pairs, batches = read(image_size=8)
    inputs, targets, _ = batches[0]
    assert inputs["first"].shape == inputs["second"].shape == (8, 8, 8, 3)
    assert targets["same"].tolist() == [0, 1] * 4
    _, batches = read()
    image = pairs.source[int(pairs.pairs[3, 1])]["image"]
    np.testing.assert_array_equal(batches[0][0]["second"][3], image)


def test_each_image_has_changes_of_its_own():
    flip = Augment([mtv.data.RandomFlip()])
    _, plain = read(workers=1)
    _, mirrored = read(augment=flip)
    before, after = plain[0][0], mirrored[0][0]
    ways = []
    for name in ("first", "second"):
        same = (before[name] == after[name]).all(axis=(1, 2, 3))
        turned = (before[name][:, :, ::-1] == after[name]).all(axis=(1, 2, 3))
        assert (same ^ turned).all()
        ways.append(same)
    assert 0 < (ways[0] == ways[1]).sum() < 8
    _, again = read(augment=flip)
    np.testing.assert_array_equal(again[0][0]["first"], after["first"])


def test_augmented_pairs_are_resized():
    _, batches = read(augment=Augment([mtv.data.RandomHSV()]), image_size=12)
    assert batches[0][0]["second"].shape == (8, 12, 12, 3)


def test_steps_that_join_samples_are_refused():
    with pytest.raises(ValueError, match="leave Mosaic and MixUp out"):
        read(augment=Augment([mtv.data.Mosaic()]), image_size=16)


def test_labels_on_the_images_of_a_pair_are_refused():
    pair = {"first_image": np.zeros((4, 4, 3)), "boxes": np.zeros((0, 4))}
    with pytest.raises(ValueError, match="'boxes': it lies on the image"):
        Augment([])(pair, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ((2, 2), {"num_pairs": 0}, "num_pairs"),
        ((2, 2), {"same": 1.1}, "same"),
        ((2, 2), {"seed": -1}, "seed"),
        ((2, 2), {"field": "who"}, "field 'who'"),
        ((1, 1), {}, "same=0"),
        ((4,), {}, "same=1"),
    ],
)
def test_wrong_options_are_errors(counts, options, message):
    with pytest.raises(ValueError, match=message):
        RandomPairs(people(*counts), **{"num_pairs": 4, **options})
