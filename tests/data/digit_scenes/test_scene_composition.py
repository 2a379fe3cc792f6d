import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.data.digit_scenes import scene_composition, scene_drawing
from mtvision.data.digit_scenes.digit_scans import load_digit_scans

DTYPES = {
    "image": ((48, 48, 3), "uint8"),
    "boxes": (("M", 4), "float32"),
    "classes": (("M",), "int32"),
    "masks": (("M", 48, 48), "uint8"),
    "semantic": ((48, 48), "int32"),
    "keypoints": (("M", 4, 3), "float32"),
    "depth": ((48, 48), "float32"),
    "count": ((), "int32"),
    "label": ((), "int32"),
    "present": ((), "float32"),
    "box": ((4,), "float32"),
    "mask": ((48, 48), "uint8"),
    "phrases": (("M", 8), "int32"),
}


def compose(seed, **options):
    scans, labels = load_digit_scans("train")
    rng = np.random.default_rng(seed)
    return scene_composition.compose(
        scans, labels, rng, **{"image_size": 48, **options}
    )


def assert_fields(scene):
    assert set(scene) == {*DTYPES, "caption"}
    for name, (shape, dtype) in DTYPES.items():
        shape = tuple(len(scene["boxes"]) if n == "M" else n for n in shape)
        assert scene[name].shape == shape, name
        assert scene[name].dtype == dtype, name


def assert_instances_agree(scene):
    """Boxes, masks, classes, semantic map and count tell the same story."""
    masks = scene["masks"].astype(bool)
    assert scene["count"] == len(masks) == len(scene["classes"])
    assert (masks.sum(0) <= 1).all()
    expected = np.zeros(masks.shape[1:], int)
    for mask, box, digit in zip(masks, scene["boxes"], scene["classes"]):
        rows, columns = np.nonzero(mask)
        assert box.tolist() == [
            columns.min(),
            rows.min(),
            columns.max() + 1,
            rows.max() + 1,
        ]
        expected[mask] = digit + 1
    np.testing.assert_array_equal(scene["semantic"], expected)
    areas = masks.sum((1, 2))
    assert (np.diff(areas) <= 0).all()
    if len(areas) > 1:
        assert areas[0] >= 1.2 * areas[1]


def assert_depth_agrees(scene):
    """Each digit has a depth of its own, 2 - k / n in drawing order."""
    count = int(scene["count"])
    assert (scene["depth"][scene["semantic"] == 0] == 2).all()
    depths = [np.unique(scene["depth"][mask > 0]) for mask in scene["masks"]]
    assert all(len(depth) == 1 for depth in depths)
    expected = 2 - np.arange(count, 0, -1) / max(count, 1)
    np.testing.assert_allclose(
        np.sort(np.ravel(depths)), expected, rtol=1e-6, atol=0
    )


def assert_keypoints_agree(scene):
    """Visible points lie on the mask, hidden ones behind another digit."""
    for mask, points in zip(scene["masks"], scene["keypoints"]):
        for x, y, visible in points:
            assert visible == 1 + mask[int(y), int(x)]
            assert scene["semantic"][int(y), int(x)] > 0
        top, right, bottom, left = points[:, :2]
        assert top[1] == points[:, 1].min()
        assert bottom[1] == points[:, 1].max()
        assert left[0] == points[:, 0].min()
        assert right[0] == points[:, 0].max()


def assert_leader_agrees(scene):
    if not scene["count"]:
        assert scene["label"] == -1
        assert scene["present"] == 0
        assert not scene["box"].any()
        assert not scene["mask"].any()
        assert scene["caption"] == "an empty canvas"
        return
    assert scene["present"] == 1
    assert scene["label"] == scene["classes"][0]
    np.testing.assert_array_equal(scene["box"], scene["boxes"][0])
    np.testing.assert_array_equal(scene["mask"], scene["masks"][0])


def assert_caption_agrees(scene):
    digits = [int(word) for word in re.findall(r"\d", scene["caption"])]
    assert digits == scene["classes"].tolist()
    colours = re.findall("|".join(scene_drawing.PALETTE), scene["caption"])
    assert len(colours) == scene["count"]


def assert_phrases_agree(scene):
    """They begin as in the caption; what hides a digit is in front of it."""
    texts = scene_composition.PHRASES.decode(scene["phrases"])
    described = re.findall(r"a \w+ \w+ \d", scene["caption"])
    depths = [scene["depth"][mask > 0][0] for mask in scene["masks"]]
    for row, text in enumerate(texts):
        first, _, front = text.partition(" behind ")
        assert first == described[row]
        if front:
            nearer = [
                re.sub(r"^a \w+", "a", described[k])
                for k, depth in enumerate(depths)
                if depth < depths[row]
            ]
            assert front in nearer
        else:
            assert not (scene["keypoints"][row, :, 2] == 1).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**63), st.integers(0, 6), st.integers(0, 6))
def test_every_label_of_a_scene_agrees(seed, fewest, more):
    most = min(fewest + more, 6)
    scene = compose(seed, min_digits=fewest, max_digits=most)
    assert scene["count"] in (0, *range(fewest, most + 1))
    assert_fields(scene)
    assert_instances_agree(scene)
    assert_depth_agrees(scene)
    assert_keypoints_agree(scene)
    assert_leader_agrees(scene)
    assert_caption_agrees(scene)
    assert_phrases_agree(scene)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63))
def test_digits_have_the_colour_of_the_caption(seed):
    scene = compose(seed, empty=0)
    colours = re.findall("|".join(scene_drawing.PALETTE), scene["caption"])
    for mask, name in zip(scene["masks"], colours):
        if mask.sum() < 60:
            continue  # strokes so thin are mixed with the canvas
        shown = np.percentile(scene["image"][mask > 0], 75, axis=0)
        distances = {
            other: np.abs(shown - rgb).sum()
            for other, rgb in scene_drawing.PALETTE.items()
        }
        assert min(distances, key=distances.get) == name


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63))
def test_captions_tell_where_and_how_large(seed):
    scene = compose(seed, empty=0, min_digits=2, max_digits=2)
    words = re.fullmatch(
        r"a (small|medium|large) \w+ \d "
        r"(left of|right of|above|below) "
        r"a (small|medium|large) \w+ \d",
        scene["caption"],
    )
    centre, other = (scene["boxes"][:, :2] + scene["boxes"][:, 2:]) / 2
    axis, sign = {
        "left of": (0, -1),
        "right of": (0, 1),
        "above": (1, -1),
        "below": (1, 1),
    }[words[2]]
    assert sign * (centre[axis] - other[axis]) >= 0
    height = scene["boxes"][0, 3] - scene["boxes"][0, 1]
    assert (words[1] == "large") == (height / 48 > 0.38)


def test_a_digit_in_front_is_named():
    texts = [
        text
        for seed in range(40)
        for text in scene_composition.PHRASES.decode(compose(seed)["phrases"])
    ]
    behind = [text for text in texts if " behind " in text]
    assert 0.05 < len(behind) / len(texts) < 0.4
    assert all(
        re.fullmatch(r"a \w+ \w+ \d( behind a \w+ \d)?", x) for x in texts
    )


def test_the_same_seed_gives_the_same_scene():
    first, again, other = compose(5), compose(5), compose(6)
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
    assert not np.array_equal(first["image"], other["image"])


@pytest.mark.parametrize("empty", [0.0, 0.25, 1.0])
def test_the_share_of_empty_scenes(empty):
    scenes = [compose(seed, empty=empty, image_size=32) for seed in range(200)]
    share = np.mean([scene["count"] == 0 for scene in scenes])
    # Four standard deviations.
    assert abs(share - empty) <= 4 * np.sqrt(empty * (1 - empty) / 200)


def test_counts_are_honest():
    counts = [
        int(compose(seed, empty=0, image_size=32)["count"])
        for seed in range(200)
    ]
    assert set(counts) == {1, 2, 3, 4}
    assert min(counts.count(n) for n in range(1, 5)) > 25


def test_too_many_digits_raise(monkeypatch):
    monkeypatch.setattr(scene_composition, "ATTEMPTS", 5)
    with pytest.raises(ValueError, match="received 60 digits"):
        compose(0, min_digits=60, max_digits=60, empty=0)
