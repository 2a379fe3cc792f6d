import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.panoptic_merging import merge_panoptic

# Of 5 classes, 0, 2 and 4 are stuff.
OPTIONS = {"num_classes": 5, "things": [3, 1], "min_stuff_area": 4}


def merged_by_hand(masks, scores, classes, semantic):
    """The heuristic as a loop over the segments of one image."""
    panoptic = np.full(semantic.shape, -1)
    segments = [-1] * len(masks)
    for row in np.argsort(-scores, kind="stable"):
        if classes[row] < 0 or scores[row] < 0.5 or not masks[row].any():
            continue
        taken = masks[row] & (panoptic >= 0)
        free = masks[row] & (panoptic < 0)
        if taken.sum() / masks[row].sum() > 0.5 or not free.any():
            continue
        own = OPTIONS["things"][classes[row]]
        segments[row] = own * 1000 + 1
        segments[row] += sum(s // 1000 == own for s in segments[:row])
        segments[row] += sum(s // 1000 == own for s in segments[row + 1 :])
        panoptic[free] = segments[row]
    stuff = np.full(5, -1)
    free = panoptic < 0
    for number in (0, 2, 4):
        mask = free & (semantic == number)
        if mask.sum() >= OPTIONS["min_stuff_area"]:
            panoptic[mask] = stuff[number] = number * 1000
    return panoptic, segments + stuff.tolist()


def scene(seed, batch=2, number=6, side=9):
    random = np.random.default_rng(seed)
    shape = (batch, number, side, side)
    corner = random.integers(0, side, (2, batch, number, 1, 1))
    length = random.integers(0, 7, (2, batch, number, 1, 1))
    y, x = np.mgrid[:side, :side]
    masks = np.ones(shape, bool)
    for axis, first, count in zip((y, x), corner, length):
        masks &= (axis >= first) & (axis < first + count)
    return (
        masks,
        random.permuted(
            np.linspace(0.3, 0.9, number)[None].repeat(batch, 0), axis=1
        ).astype("float32"),
        random.integers(-1, 2, (batch, number)).astype("int32"),
        random.integers(0, 5, (batch, side, side)).astype("int32"),
    )


RUN = compiled(lambda *given: merge_panoptic(*given, **OPTIONS))


@cases(25)
@given(seed=st.integers(0, 9999))
def test_equal_to_a_loop_by_hand(seed):
    given = scene(seed)
    merged = to_numpy(RUN(*given))
    for image, one in enumerate(zip(*given)):
        panoptic, segments = merged_by_hand(*one)
        np.testing.assert_array_equal(merged["panoptic"][image], panoptic)
        np.testing.assert_array_equal(merged["segments"][image], segments)
    # The list names just what the map holds.
    for drawn, listed in zip(merged["panoptic"], merged["segments"]):
        assert set(np.unique(drawn)) - {-1} == set(listed.tolist()) - {-1}
    expected = np.where(merged["segments"] < 0, -1, merged["segments"] // 1000)
    np.testing.assert_array_equal(merged["classes"], expected)


def test_kinds_of_masks():
    masks, *rest = scene(3)
    expected = to_numpy(merge_panoptic(masks, *rest, **OPTIONS))
    for other in (masks.astype("uint8"), np.where(masks, 0.6, 0.5)):
        found = to_numpy(merge_panoptic(other, *rest, **OPTIONS))
        np.testing.assert_array_equal(found["panoptic"], expected["panoptic"])


def test_thresholds():
    masks = np.zeros((1, 2, 1, 8), bool)
    masks[0, 0, 0, :4] = masks[0, 1, 0, 1:6] = True
    semantic = np.zeros((1, 1, 8), "int32")

    def found(**options):
        merged = merge_panoptic(
            masks, [[0.9, 0.4]], [[0, 1]], semantic, **{**OPTIONS, **options}
        )
        return to_numpy(merged["segments"])[0, :3].tolist()

    # Three fifths of the second mask are taken.
    low = {"score_threshold": 0.3}
    assert found() == [3001, -1, 0]
    assert found(**low) == [3001, -1, 0]
    assert found(**low, overlap_threshold=0.6) == [3001, 1001, -1]
    assert found(min_stuff_area=5) == [3001, -1, -1]
    assert found(score_threshold=0.95, min_stuff_area=8) == [-1, -1, 0]


def test_nothing_is_found():
    masks = np.zeros((1, 2, 3, 3), bool)
    merged = merge_panoptic(
        masks, [[np.nan, 0.9]], [[0, 1]], np.full((1, 3, 3), -1), **OPTIONS
    )
    assert all((to_numpy(each) == -1).all() for each in merged.values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"things": [5]}, "things"),
        ({"things": [1, 1]}, "things"),
        ({"things": []}, "things"),
        ({"overlap_threshold": 2}, "overlap_threshold"),
        ({"score_threshold": -1}, "score_threshold"),
        ({"min_stuff_area": -1}, "min_stuff_area"),
        ({"divisor": 6}, "divisor"),
        ({"num_classes": 0}, "num_classes"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        merge_panoptic(*scene(0), **{**OPTIONS, **options})


def test_sizes_that_do_not_fit():
    masks, scores, classes, semantic = scene(0)
    with pytest.raises(ValueError, match=r"\(9, 9\) and \(9, 8\)"):
        merge_panoptic(masks, scores, classes, semantic[..., :8], **OPTIONS)
