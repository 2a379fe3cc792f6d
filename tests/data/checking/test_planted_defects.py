"""Defects planted in random sources are found, and nothing else is."""

import copy

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mtvision.data.checking import kinds
from mtvision.data.checking.check import check

SIZE = 16
CLASSES = {"classes": ["a", "b", "c"], "semantic": 3, "label": 4}
OBJECTS = ("boxes", "classes", "masks", "crowd", "keypoints")


class Source:
    """Samples in memory; one that is an error is raised when it is read."""

    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        sample = self.samples[index]
        if isinstance(sample, Exception):
            raise sample
        return sample


def clean_sample(generator):
    """A sample in which there is nothing to find."""
    corners = np.array([(1, 1), (9, 1), (1, 9)])
    sides = generator.integers(3, 7, (3, 2))
    boxes = np.concatenate([corners, corners + sides], axis=1)
    masks = np.zeros((3, SIZE, SIZE), "uint8")
    for mask, (x1, y1, x2, y2) in zip(masks, boxes):
        mask[y1:y2, x1:x2] = 1
    places = generator.uniform(0, SIZE, (3, 4, 2))
    semantic = generator.integers(0, 3, (SIZE, SIZE))
    semantic[0, :4] = [0, 1, 255, -1]
    return {
        "image": generator.integers(0, 256, (SIZE, SIZE, 3)).astype("uint8"),
        "boxes": boxes.astype("float32"),
        "classes": generator.integers(0, 3, 3).astype("int32"),
        "masks": masks,
        "crowd": np.zeros(3, "uint8"),
        "keypoints": np.dstack([places, np.full((3, 4), 2)]).astype("float32"),
        "semantic": semantic.astype("int32"),
        "depth": generator.uniform(1, 5, (SIZE, SIZE)).astype("float32"),
        "label": np.array(generator.integers(0, 4), "int32"),
        "attributes": np.array([0, 1, np.nan], "float32"),
        "scores": generator.normal(size=3).astype("float32"),
    }


def put(name, index, value):
    """Plants by writing a value into a field."""

    def plant(sample):
        sample[name][index] = value

    return plant


def change(name, function):
    """Plants by replacing a field."""

    def plant(sample):
        sample[name] = function(sample[name])

    return plant


def rows(index):
    """Plants by selecting objects."""

    def plant(sample):
        for name in OBJECTS:
            sample[name] = sample[name][index]

    return plant


def reach_beyond(sample):
    """One box reaches beyond the image, its mask to the edge."""
    x1, y1, _, y2 = sample["boxes"][1].astype(int)
    sample["boxes"][1, 2] = SIZE + 4
    sample["masks"][1, y1:y2, x1:] = 1


def twins_beyond(sample):
    """Two boxes differ outside of the image only."""
    rows([0, 1, 2, 1])(sample)
    sample["classes"][3] = sample["classes"][1]
    for row, x2 in ((1, SIZE + 4), (3, SIZE + 5)):
        sample["boxes"][row, 2] = x2
        y1, y2 = sample["boxes"][row, [1, 3]].astype(int)
        sample["masks"][row, y1:y2, 9:] = 1


def shrink(sample):
    sample["boxes"][0] = [1, 1, 2, 2]
    sample["masks"][0] = 0
    sample["masks"][0, 1, 1] = 1


def move_away(boxes):
    return boxes + np.array([[99], [0], [0]], "float32")


def invert(boxes):
    return np.concatenate([boxes[:1, [2, 1, 0, 3]], boxes[1:]])


def add_alpha(image):
    return np.dstack([image, image[..., :1]])


# What to do to a sample, the kind that is found then, and in which fields.
DEFECTS = {
    "no image": (lambda s: s.pop("image"), kinds.NO_IMAGE, [""]),
    "plane": (
        change("image", lambda v: v[..., 0]),
        *(kinds.UNSOUND_IMAGE, ["image"]),
    ),
    "nan image": (
        change("image", lambda v: np.where(v > 9, v, np.nan)),
        *(kinds.NON_FINITE, ["image"]),
    ),
    "object": (
        change("label", lambda _: np.array({}, "object")),
        *(kinds.UNSOUND_LABEL, ["label"]),
    ),
    "flat": (change("boxes", np.ravel), kinds.UNSOUND_LABEL, ["boxes"]),
    "rows": (change("crowd", lambda v: v[1:]), kinds.ROWS_DIFFER, OBJECTS),
    "map size": (
        change("semantic", lambda v: v[1:]),
        *(kinds.SIZE_DIFFERS, ["semantic"]),
    ),
    "mask size": (
        change("masks", lambda v: v[:, :, 1:]),
        *(kinds.SIZE_DIFFERS, ["masks"]),
    ),
    "nan box": (put("boxes", (2, 1), np.nan), kinds.NON_FINITE, ["boxes"]),
    "class": (put("classes", 1, 3), kinds.CLASS_OUT_OF_RANGE, ["classes"]),
    "label": (put("label", (), -2), kinds.CLASS_OUT_OF_RANGE, ["label"]),
    "twos": (
        change(
            "masks", lambda v: v * np.array([1, 2, 1], "uint8")[:, None, None]
        ),
        *(kinds.MASK_NOT_BINARY, ["masks"]),
    ),
    "empty": (put("masks", 0, 0), kinds.MASK_EMPTY, ["masks"]),
    "outside": (change("boxes", move_away), kinds.BOX_OUTSIDE, ["boxes"]),
    "other mask": (
        put("boxes", 1, [0, 0, 15, 15]),
        *(kinds.BOX_AND_MASK, ["boxes"]),
    ),
    "far point": (
        put("keypoints", (0, 0), [SIZE + 1, 2, 1]),
        *(kinds.POINT_OUTSIDE, ["keypoints"]),
    ),
    "seen 3": (put("keypoints", (0, 0, 2), 3), kinds.VISIBILITY, ["keypoints"]),
}
MENDABLE = {
    "score": (put("scores", 1, np.nan), kinds.NON_FINITE, ["scores"]),
    "attribute": (
        put("attributes", 0, -np.inf),
        *(kinds.NON_FINITE, ["attributes"]),
    ),
    "inf depth": (put("depth", (3, 3), np.inf), kinds.NON_FINITE, ["depth"]),
    "point": (
        put("keypoints", (1, 2, 0), np.inf),
        *(kinds.NON_FINITE, ["keypoints"]),
    ),
    "stray": (put("semantic", (4, 4), 3), kinds.STRAY_MAP_VALUES, ["semantic"]),
    "low": (put("semantic", (4, 4), -2), kinds.STRAY_MAP_VALUES, ["semantic"]),
    "no area": (put("boxes", (0, 2), 1), kinds.BOX_WITHOUT_AREA, ["boxes"]),
    "inverted": (change("boxes", invert), kinds.BOX_INVERTED, ["boxes"]),
    "beyond": (reach_beyond, kinds.BOX_PARTLY_OUTSIDE, ["boxes"]),
    "twins": (twins_beyond, kinds.BOX_PARTLY_OUTSIDE, ["boxes"] * 2),
    "twice": (rows([0, 1, 2, 1]), kinds.BOX_DUPLICATE, ["boxes"]),
    "zero": (put("depth", (0, 0), 0), kinds.DEPTH_NOT_POSITIVE, ["depth"]),
}
FACTS = {
    "none": (change("label", lambda _: None), kinds.MISSING, ["label"]),
    "minus one": (put("label", (), -1), kinds.MISSING, ["label"]),
    "absent": (lambda s: s.pop("depth"), kinds.MISSING, ["depth"]),
    "no object": (rows(slice(0)), kinds.NO_OBJECT, ["boxes"]),
    "tiny": (shrink, kinds.BOX_TINY, ["boxes"]),
    "crowd": (put("crowd", 2, 1), kinds.CROWD, ["crowd"]),
    "no points": (
        put("keypoints", (1, slice(None), 2), 0),
        *(kinds.NO_POINTS, ["keypoints"]),
    ),
    "one class": (
        put("semantic", slice(None), 2),
        *(kinds.MAP_OF_ONE_CLASS, ["semantic"]),
    ),
    "ignored": (
        put("semantic", slice(None), 255),
        *(kinds.NOTHING_TO_JUDGE, ["semantic"]),
    ),
    "holes": (put("depth", (0, 1), np.nan), kinds.DEPTH_MISSING, ["depth"]),
    "text": (change("label", lambda _: "cat"), kinds.TEXT, ["label"]),
    "dark": (
        change("image", lambda v: v / np.float32(255)),
        *(kinds.DARK, ["image"]),
    ),
    "grey": (change("image", lambda v: v[..., :1]), kinds.GREY, ["image"]),
    "alpha": (change("image", add_alpha), kinds.TRANSPARENT, ["image"]),
}
PLANTS = DEFECTS | MENDABLE | FACTS
PLANS = st.lists(
    st.sampled_from(["clean", "clean", "unreadable", *PLANTS]),
    min_size=1,
    max_size=6,
)


def source_of(plan, seed=0):
    """A source with a planted defect in each sample, and what is to be found:
    a sorted list of (kind, index, field).
    """
    generator = np.random.default_rng(seed)
    # One sound sample says what fields there are.
    samples, expected = [clean_sample(generator)], []
    for index, name in enumerate(plan, 1):
        sample = clean_sample(generator)
        if name == "unreadable":
            sample = OSError("broken disk")
            expected.append((kinds.UNREADABLE, index, ""))
        elif name != "clean":
            plant, kind, fields = PLANTS[name]
            plant(sample)
            expected += [(kind, index, field) for field in fields]
        samples.append(sample)
    return Source(samples), sorted(expected)


def found_in(report):
    """What was found in single samples: a sorted list."""
    return sorted(
        (kind, place.index, place.field)
        for kind, places in report.findings.items()
        for place in places
        if place.index is not None
    )


def run(source, **options):
    return check(source, classes=CLASSES, verbose=0, **options)


def test_each_plant_is_found_alone():
    for name in ["clean", "unreadable", *PLANTS]:
        source, expected = source_of([name])
        assert found_in(run(source)) == expected, name


@settings(max_examples=30, deadline=None)
@given(PLANS, st.integers(0, 1000))
def test_all_that_was_planted_is_found_and_nothing_else(plan, seed):
    source, expected = source_of(plan, seed)
    report = run(source)
    assert found_in(report) == expected
    assert sum(row["number"] for row in report.rows()) >= len(expected)


@settings(max_examples=20, deadline=None)
@given(PLANS, st.randoms(use_true_random=False))
def test_permuting_the_samples_permutes_the_places(plan, random):
    source, _ = source_of(plan)
    order = list(range(len(source)))
    random.shuffle(order)
    shuffled = Source([source.samples[index] for index in order])
    there = [
        (kind, order[index], field)
        for kind, index, field in found_in(run(shuffled))
    ]
    assert sorted(there) == found_in(run(source))


@settings(max_examples=20, deadline=None)
@given(PLANS)
def test_what_is_left_is_clean_and_the_rest_is_counted(plan):
    source, _ = source_of(plan)
    for on_error, kept in (("skip", FACTS), ("fix", FACTS | MENDABLE)):
        report = run(source, on_error=on_error)
        assert not run(report.source).defects
        # What was left out is not lost: the rest is there, in order.
        lost = [k for k, name in enumerate(plan, 1) if name not in kept]
        lost = [k for k in lost if plan[k - 1] != "clean"]
        assert sorted(report.dropped["all"]) == lost
        assert len(report.source) == len(source) - len(lost)
    for index, reasons in report.dropped["all"].items():
        for kind in reasons:
            assert any(p.index == index for p in report.defects[kind])
    mended = sum(report.mended["all"].values())
    assert (mended > 0) == bool(set(plan) & MENDABLE.keys())


@settings(max_examples=10, deadline=None)
@given(PLANS)
def test_samples_are_never_modified(plan):
    source, _ = source_of(plan)
    before = copy.deepcopy(source.samples)
    report = run(source, on_error="fix")
    for index in range(len(report.source)):
        _ = report.source[index]
    for old, new in zip(before, source.samples):
        if isinstance(old, Exception):
            continue
        assert old.keys() == new.keys()
        for name, value in old.items():
            np.testing.assert_array_equal(value, new[name])


NAMES = (
    *("image", "boxes", "classes", "masks", "crowd", "keypoints", "semantic"),
    *("depth", "label", "box", "present", "caption", "file", "cat_boxes"),
    *("cat_keypoints", "right_image", "attributes", "x"),
)
STRANGE = (
    *(None, "text", b"\xff", [], [[]], [1, "a"], {}, 3, -7, True, [True], 1j),
    *(np.nan, np.inf, 1e300, [[1.5, np.nan]], [[2**40]], [[1], [2, 3]], 2**70),
    *(np.zeros((0, 4)), np.full((2, 4), -1), np.full((1, 4), np.nan)),
    *(np.arange(8.0).reshape(2, 4), np.zeros((2, 2, 3), "uint8")),
    *(np.zeros((2, 2, 3)), np.ones((2, 2, 2)), np.full((2, 2), -(2**62))),
    *(np.zeros((2, 2), "datetime64[s]"), np.full((2, 2), 2**63, "uint64")),
    *(np.full(2, -1), np.full((2, 1, 3), np.inf), np.zeros((0, 2, 2))),
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(STRANGE)))
@example({"box": None, "present": [[1], [2, 3]]})
def test_nothing_stops_the_walk(sample):
    sample = {"image": np.zeros((2, 2, 3), "uint8")} | sample
    report = check([sample, 3], on_error="fix", verbose=0)
    assert str(report)
    # What is left has no defect, whatever it was.
    if len(report.source):
        assert not check(report.source, verbose=0).defects
    assert 1 in report.dropped["all"]
