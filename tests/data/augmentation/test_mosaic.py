import numpy as np
import pytest

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.mosaic import Mosaic


def plain(number, shape=(20, 20), **labels):
    """A picture of one colour, with one object that fills it."""
    height, width = shape
    return {
        "image": np.full((height, width, 3), number, "uint8"),
        "boxes": np.array([[0, 0, width, height]], "float32"),
        "classes": np.array([number]),
    } | labels


def mosaic(samples, step=None, size=(40, 60), seed=0):
    rest = iter(samples[1:])
    augment = Augment([step or Mosaic(probability=1.0)], fill=99)
    return augment(
        samples[0],
        np.random.default_rng(seed),
        size=size,
        draw=lambda _: next(rest),
    )


@pytest.mark.parametrize("seed", range(5))
def test_four_pictures_meet_in_a_point(seed):
    shapes = [(20, 20), (10, 40), (30, 8), (50, 70)]
    samples = [plain(k + 1, shape) for k, shape in enumerate(shapes)]
    joined = mosaic(samples, seed=seed)
    assert joined["image"].shape == (40, 60, 3)
    order = joined["classes"].argsort()
    assert joined["classes"][order].tolist() == [1, 2, 3, 4]
    shown = joined["image"][..., 0]
    for (left, top, right, bottom), number in zip(
        joined["boxes"], joined["classes"]
    ):
        part = shown[int(top) : int(bottom), int(left) : int(right)]
        assert (part == number).all()
        assert (shown == number).sum() == part.size
    assert set(np.unique(shown)) <= {1, 2, 3, 4, 99}
    boxes = joined["boxes"][order]
    x, y = boxes[0, 2:]
    assert 10 <= y <= 30
    assert 15 <= x <= 45
    assert boxes[1, [0, 3]].tolist() == [x, y]
    assert boxes[2, [2, 1]].tolist() == [x, y]
    assert boxes[3, :2].tolist() == [x, y]


def test_maps_are_joined_and_absent_ones_unknown():
    samples = [
        plain(k, semantic=np.full((20, 20), k), depth=np.full((20, 20), k / 2))
        for k in range(1, 5)
    ]
    samples[2]["semantic"] = np.array(-1)
    del samples[2]["depth"]
    joined = mosaic(samples)
    shown = joined["image"][..., 0].astype("int32")
    known = (shown != 99) & (shown != 3)
    expected = np.where(known, shown, -1)
    np.testing.assert_array_equal(joined["semantic"], expected)
    np.testing.assert_array_equal(
        joined["depth"], np.where(known, shown / 2, np.nan)
    )


def test_objects_without_a_label_leave_it_missing():
    samples = [plain(k, crowd=np.array([1])) for k in range(1, 5)]
    del samples[1]["crowd"]
    joined = mosaic(samples)
    crowd = dict(zip(joined["classes"].tolist(), joined["crowd"].tolist()))
    assert crowd == {1: 1, 2: 0, 3: 1, 4: 1}
    del samples[3]["boxes"]
    joined = mosaic(samples)
    assert joined["boxes"] is None
    assert sorted(joined["classes"].tolist()) == [1, 2, 3, 4]


def test_classes_are_annotated_where_they_are_in_all():
    samples = [plain(k, annotated=np.array([1.0, 1, 0])) for k in range(1, 5)]
    assert mosaic(samples)["annotated"].tolist() == [1, 1, 0]
    samples[2]["annotated"] = np.array([1.0, 0, 1])
    del samples[1]["annotated"]
    assert mosaic(samples)["annotated"].tolist() == [1, 0, 0]


def test_objects_of_all_quarters_have_their_chance():
    """Those beyond `max_objects` are cut off by their place."""
    samples = [plain(k) for k in range(1, 5)]
    firsts = {
        mosaic(samples, seed=seed)["classes"].tolist()[0] for seed in range(40)
    }
    assert firsts == {1, 2, 3, 4}
    same = [mosaic(samples, seed=3)["classes"].tolist() for _ in range(2)]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    "labels",
    [
        {"label": np.array(1)},
        {"caption": "one"},
        {"box": np.array([0.0, 0, 1, 1])},
        {"other_image": np.zeros((3, 3, 3))},
        {"attributes": np.zeros(3)},
    ],
)
def test_labels_of_whole_images_are_refused(labels):
    samples = [plain(k) for k in range(1, 4)] + [plain(4, **labels)]
    (name,) = labels
    with pytest.raises(ValueError, match=f"Mosaic cannot join .*'{name}'"):
        mosaic(samples)
    samples[3][name] = None
    samples[0]["file"] = "first.png"
    assert mosaic(samples)["file"] == "first.png"


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_the_smallest_results(size):
    samples = [plain(k) for k in range(1, 5)]
    assert mosaic(samples, size=size)["image"].shape == (*size, 3)


def test_areas_of_which_nothing_is_said_are_not_known():
    samples = [plain(k, area=np.array([4.0 * k])) for k in range(1, 5)]
    del samples[0]["area"]
    samples[1]["area"] = np.array([np.nan])
    joined = mosaic(samples)
    area = dict(zip(joined["classes"].tolist(), joined["area"]))
    assert joined["area"].dtype == np.float32
    assert np.isnan([area[1], area[2]]).all()
    assert area[3] < area[4]
    for sample in samples:
        sample["area"] = np.array([np.nan])
    assert np.isnan(mosaic(samples)["area"]).tolist() == [True] * 4
