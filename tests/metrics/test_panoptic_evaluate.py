from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.metrics import panoptic_evaluate

# panopticapi: two things, two kinds of stuff; void, crowds, a merge.
FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = dict(np.load(FOLDER / "panoptic.npz"))
CLASSES = [1, 2, 10, 11]
OPTIONS = {"num_classes": 4, "things": [0, 1]}


def maps(side, divisor=1000):
    """The maps of one side, in the numbers of mtvision."""
    images = []
    for number in range(4):
        drawn = VECTORS[f"{side}{number}"]
        image = np.full(drawn.shape, -1, "int64")
        segments = VECTORS[f"{side}{number}_segments"]
        for place, (segment, category, crowd) in enumerate(segments, 1):
            own = CLASSES.index(category)
            is_object = own in OPTIONS["things"] and not crowd
            image[drawn == segment] = own * divisor + place * is_object
        images.append(image)
    return images


@pytest.mark.parametrize("divisor", [1000, 256])
def test_equal_to_panopticapi(divisor):
    result = panoptic_evaluate(
        maps("gt", divisor), maps("pred", divisor), **OPTIONS, divisor=divisor
    )
    for kind, suffix in (
        ("all", ""),
        ("things", "_things"),
        ("stuff", "_stuff"),
    ):
        scores = [result.scores[name + suffix] for name in ("PQ", "SQ", "RQ")]
        expected = VECTORS[f"{kind}_pq_sq_rq_n"][:3]
        np.testing.assert_allclose(scores, expected, atol=1e-9)
    for number, category in enumerate(CLASSES):
        counts = [each[number] for each in result.counts.values()]
        expected = VECTORS[f"cat{category}_iou_tp_fp_fn"]
        np.testing.assert_allclose(counts, expected, atol=1e-9)


def test_the_vectors_hold_what_they_are_for():
    truth = np.stack(maps("gt"))
    assert (truth == -1).any(), "void"
    assert (truth == 1000).any(), "a crowd of class 1"


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999))
def test_laws(seed):
    random = np.random.default_rng(seed)
    numbers = np.array([-1, 0, 1, 2, 1000, 1001, 2000, 3000])
    truth = random.choice(numbers, (3, 4, 5))
    found = random.choice(numbers, (3, 4, 5))
    for scores in (
        panoptic_evaluate(truth, found, **OPTIONS).scores,
        panoptic_evaluate(truth, truth, **OPTIONS).scores,
    ):
        values = np.array(list(scores.values()))
        assert ((values >= 0) & (values <= 1) | np.isnan(values)).all()
    result = panoptic_evaluate(truth, truth, **OPTIONS)
    of_class = result.class_scores["PQ"]
    assert (of_class[~np.isnan(of_class)] == 1).all()
    assert not result.counts["wrong"].any()
    # Which number an object has does not matter.
    swapped = np.select([found == 1, found == 2], [2, 1], found)
    np.testing.assert_equal(
        panoptic_evaluate(truth, swapped, **OPTIONS).counts,
        panoptic_evaluate(truth, found, **OPTIONS).counts,
    )


def test_what_is_not_known_counts_nowhere():
    truth = np.full((4, 4), -1)
    result = panoptic_evaluate([truth], [truth + 2], **OPTIONS)
    assert np.isnan(list(result.scores.values())).all()
    assert not np.array(list(result.counts.values())).any()


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        # IoU 2 / 4 is no match, 3 / 4 is.
        ([1, 1, -1, -1], [0, 0, 1, 1]),
        ([1, 1, 1, -1], [0.75, 1, 0, 0]),
        ([-1, -1, -1, -1], [0, 0, 0, 1]),
    ],
)
def test_half_is_no_match(row, counts):
    result = panoptic_evaluate(
        [np.ones((1, 4), int)], [np.array([row])], **OPTIONS
    )
    assert [each[0] for each in result.counts.values()] == counts


def test_a_crowd_excuses_its_own_class_only():
    truth = np.array([[0, 0, 0, 2000]])
    own, other = np.array([[5, 5, 5, 2000]]), np.array([[1001] * 3 + [2000]])
    result = panoptic_evaluate([truth], [own], **OPTIONS)
    assert result.counts["wrong"].tolist() == [0, 0, 0, 0]
    result = panoptic_evaluate([truth], [other], **OPTIONS)
    assert result.counts["wrong"].tolist() == [0, 1, 0, 0]
    assert result.counts["missed"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("truth", "found", "message"),
    [
        (np.zeros((2, 2), int), np.zeros((2, 3), int), r"Image 1: .*\(2, 3\)"),
        (np.zeros((2, 2), int), np.full((2, 2), 4000), "Image 1: .*class 4 "),
        (np.zeros((2, 2)), np.zeros((2, 2), int), "of the truth.*float64"),
        (np.zeros((1, 2, 2), int), np.zeros((2, 2), int), r"\(1, 2, 2\)"),
    ],
)
def test_images_that_do_not_fit(truth, found, message):
    good = np.zeros((2, 2), int)
    with pytest.raises(ValueError, match=message):
        panoptic_evaluate([good, truth], [good, found], **OPTIONS)


def test_wrong_arguments():
    good = [np.zeros((2, 2), int)]
    with pytest.raises(ValueError, match="Image 1: there is no truth"):
        panoptic_evaluate(good, good * 2, **OPTIONS)
    with pytest.raises(ValueError, match="Image 1: there is no prediction"):
        panoptic_evaluate(good * 2, iter(good), **OPTIONS)
    with pytest.raises(ValueError, match="at least one image"):
        panoptic_evaluate([], [], **OPTIONS)
    for things in ([4], [-1], 1, [0.5]):
        with pytest.raises(ValueError, match="things"):
            panoptic_evaluate(good, good, num_classes=4, things=things)
    with pytest.raises(ValueError, match="divisor"):
        panoptic_evaluate(good, good, **OPTIONS, divisor=0)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "uint32"])
def test_small_integers_hold_the_divisor_too(dtype):
    maps = [np.array([[0, 1], [2, 2]])]
    small = [each.astype(dtype) for each in maps]
    expected = panoptic_evaluate(maps, maps, **OPTIONS).scores
    scores = panoptic_evaluate(small, small, **OPTIONS).scores
    assert scores == pytest.approx(expected, nan_ok=True)


def test_maps_in_which_each_pixel_is_a_segment():
    pixels = np.arange(160 * 160).reshape(160, 160)
    with pytest.raises(ValueError, match="25600 segments"):
        panoptic_evaluate([pixels], [pixels], num_classes=26, things=[0])
